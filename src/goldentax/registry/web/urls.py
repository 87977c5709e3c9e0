"""Addresses of the registry's pages."""

from django.urls import path

from goldentax.registry.web import customers, enrolment, goods, taxpayer

app_name = "registry"
urlpatterns = [
    path("register/company", enrolment.register, name="register-company"),
    path("taxpayer/", taxpayer.show, name="taxpayer"),
    path("taxpayer/change/", taxpayer.change, name="taxpayer-change"),
    path("catalogue/", customers.catalogue, name="catalogue"),
    path("catalogue/customers/", customers.index, name="customers"),
    path("catalogue/customers/new/", customers.add, name="customer-add"),
    path("catalogue/customers/<uuid:public_id>/", customers.change, name="customer-change"),
    path("catalogue/customers/<uuid:public_id>/remove/", customers.remove, name="customer-remove"),
    path("catalogue/goods/", goods.index, name="goods"),
    path("catalogue/goods/new/", goods.add, name="good-add"),
    path("catalogue/goods/codes/", goods.find_codes, name="good-codes"),
    path("catalogue/goods/<uuid:public_id>/", goods.change, name="good-change"),
    path("catalogue/goods/<uuid:public_id>/remove/", goods.remove, name="good-remove"),
]

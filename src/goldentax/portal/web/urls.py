"""Addresses of the portal's pages."""

from django.urls import path

from goldentax.portal.web import codes, home, search
from goldentax.portal.web import help as help_pages

urlpatterns = [
    path("", home.home, name="home"),
    path("search", search.search, name="search"),
    path("codes", codes.look_up, name="codes"),
    path("codes/<str:table>/<str:code>", codes.show, name="code"),
    path("help", help_pages.show, name="help"),
    path("help/glossary", help_pages.glossary, name="glossary"),
    path("help/refusals", help_pages.refusals, name="refusals"),
]

"""Addresses of the portal's pages."""

from django.urls import path

from goldentax.portal.web import help as help_pages
from goldentax.portal.web import home, search

urlpatterns = [
    path("", home.home, name="home"),
    path("search", search.search, name="search"),
    path("help", help_pages.show, name="help"),
    path("help/glossary", help_pages.glossary, name="glossary"),
    path("help/refusals", help_pages.refusals, name="refusals"),
]

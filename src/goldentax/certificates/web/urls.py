"""Addresses of the certificate centre, and of what is published: those below ``pki/`` stand in certificates."""

from django.urls import path

from goldentax.certificates.web import officers, own, public

app_name = "certificates"
urlpatterns = [
    path("certificates/", own.index, name="index"),
    path("certificates/ask/", own.ask, name="ask"),
    path("certificates/books/", officers.books, name="books"),
    path("certificates/books/issue/", officers.issue, name="issue"),
    path("certificates/books/<slug:serial>/", officers.show, name="book"),
    path("certificates/books/<slug:serial>/revoke/", officers.revoke, name="book-revoke"),
    path("certificates/authorities/", officers.authorities, name="authorities"),
    path("certificates/<slug:serial>/", own.show, name="certificate"),
    path("certificates/<slug:serial>/renew/", own.renew, name="renew"),
    path("certificates/<slug:serial>/revoke/", own.revoke, name="revoke"),
    path("certificates/<slug:serial>/certificate.<slug:ending>", own.download, name="download"),
    path("pki/", public.index, name="pki"),
    path("pki/ocsp", public.ocsp, name="ocsp"),
    path("pki/ocsp/<path:question>", public.ocsp_get, name="ocsp-get"),
    path("pki/timestamp", public.timestamp, name="timestamp"),
    path("pki/timestamp/<slug:algorithm>", public.timestamp, name="timestamp-of"),
    path("pki/<str:name>", public.published, name="published"),
]

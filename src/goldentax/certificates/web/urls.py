"""Addresses of the certificate centre, and of what is published: those below ``pki/`` stand in certificates."""

from django.urls import path, re_path, register_converter

from goldentax.certificates.web import officers, own, public


class Serial:
    """A serial number in an address: hex in lower case."""

    regex = "[0-9a-f]{2,40}"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


register_converter(Serial, "serial")

app_name = "certificates"
urlpatterns = [
    path("certificates/", own.index, name="index"),
    path("certificates/ask/", own.ask, name="ask"),
    path("certificates/books/", officers.books, name="books"),
    path("certificates/books/issue/", officers.issue, name="issue"),
    path("certificates/books/<serial:serial>/", officers.show, name="book"),
    path("certificates/books/<serial:serial>/revoke/", officers.revoke, name="book-revoke"),
    path("certificates/authorities/", officers.authorities, name="authorities"),
    path("certificates/<serial:serial>/", own.show, name="certificate"),
    path("certificates/<serial:serial>/renew/", own.renew, name="renew"),
    path("certificates/<serial:serial>/revoke/", own.revoke, name="revoke"),
    re_path(
        r"^certificates/(?P<serial>[0-9a-f]{2,40})/certificate\.(?P<ending>pem|cer)$",
        own.download,
        name="download",
    ),
    path("pki/", public.index, name="pki"),
    path("pki/ocsp", public.ocsp, name="ocsp"),
    path("pki/ocsp/<path:question>", public.ocsp_get, name="ocsp-get"),
    path("pki/timestamp", public.timestamp, name="timestamp"),
    path("pki/timestamp/<slug:algorithm>", public.timestamp, name="timestamp-of"),
    re_path(r"^pki/(?P<name>[0-9a-z-]{4,60}\.(?:cer|pem|crl))$", public.published, name="published"),
]

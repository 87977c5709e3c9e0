"""What this node is called by programs, and where its endpoints are."""

from dataclasses import dataclass

from django.http import HttpRequest
from django.urls import reverse

from goldentax.kernel.settings import settings


def issuer_of(request: HttpRequest) -> str:
    """
    The name of this node as an issuer: the address people see, else the one they used.

    The host of a request is one of the allowed hosts, so nobody can make us sign in another's name.
    """
    return settings().public_url.rstrip("/") or request.build_absolute_uri("/").rstrip("/")


@dataclass(frozen=True, slots=True)
class Endpoints:
    """The whole addresses of an issuer's endpoints."""

    issuer: str

    def of(self, name: str) -> str:
        """The whole address of an endpoint by its name in ``web/urls.py``."""
        return self.issuer + reverse(f"signon:{name}")


def audiences_of(request: HttpRequest) -> tuple[str, ...]:
    """The names by which a client's signed assertion may address us: the issuer, and the endpoint it is sent to."""
    endpoints = Endpoints(issuer_of(request))
    return (endpoints.issuer, endpoints.of("token"), endpoints.issuer + request.path)

"""Where this node publishes what belongs to its authorities: addresses below ``/pki/``, written into certificates."""

from goldentax.certificates.rules.building import Places
from goldentax.kernel.node import this_node
from goldentax.kernel.settings import settings


def base_url() -> str:
    """The address of this node as people and programs reach it, without a slash at its end."""
    if settings().public_url:
        return settings().public_url.rstrip("/")
    host = settings().host
    return f"http://{'127.0.0.1' if host == '0.0.0.0' else host}:{settings().port + this_node().port_offset}"  # noqa: S104


def crl_url(key_id: str) -> str:
    """Where the revocation list of the authority with this key is."""
    return f"{base_url()}/pki/{key_id}.crl"


def places_of(issuer_key_id: str, *, issuer_kind: str) -> Places:
    """The addresses a certificate of this issuer carries; the root's certificates have no status service."""
    return Places(
        crl_url=crl_url(issuer_key_id),
        issuer_url=f"{base_url()}/pki/{issuer_key_id}.cer",
        ocsp_url=f"{base_url()}/pki/ocsp" if issuer_kind == "issuing" else "",
    )

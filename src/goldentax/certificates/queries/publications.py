"""What anybody may fetch of the authorities: certificates, chains and revocation lists, by the names in addresses."""

from dataclasses import dataclass

from goldentax.certificates.models import Authority
from goldentax.certificates.queries import authorities
from goldentax.certificates.rules import profiles, reading
from goldentax.certificates.rules.keys import ALGORITHMS

CERTIFICATE_TYPE, CRL_TYPE, PEM_TYPE = (
    "application/pkix-cert",
    "application/pkix-crl",
    "application/x-pem-file",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """A file anybody may fetch."""

    name: str
    content: bytes
    content_type: str
    max_age_s: int  # how long a cache may keep it


def find_published(name: str) -> Published | None:
    """
    A file by its name; None if there is none.

    ``root-sm2.cer``, ``issuing-sm2.cer``, ``timestamp-sm2.cer`` and ``chain-sm2.pem`` are those that sign now, and so
    for ``es256``; ``<key id>.cer`` and ``<key id>.crl`` are what certificates point at.
    """
    stem, _, ending = name.rpartition(".")
    kind, _, algorithm = stem.partition("-")
    if algorithm in ALGORITHMS:
        row = _signing_now(profiles.ISSUING if kind == "chain" else kind, algorithm)
        if kind == "chain":
            return _chain(row, name) if row is not None and ending == "pem" else None
    else:
        row = authorities.find_by_key_id(stem)
    if row is None:
        return None
    if ending == "crl":
        return _list(row, name)
    der = bytes(row.der)
    if ending == "cer":
        return Published(name=name, content=der, content_type=CERTIFICATE_TYPE, max_age_s=3600)
    if ending == "pem":
        return Published(
            name=name, content=reading.to_pem(der).encode(), content_type=PEM_TYPE, max_age_s=3600
        )
    return None


def list_published() -> list[str]:
    """The names of what signs now, for people who look."""
    return [
        f"{kind}-{algorithm}.{ending}"
        for algorithm in ALGORITHMS
        for kind, ending in (
            ("root", "cer"),
            ("issuing", "cer"),
            ("timestamp", "cer"),
            ("chain", "pem"),
            ("root", "crl"),
            ("issuing", "crl"),
        )
        if find_published(f"{kind}-{algorithm}.{ending}") is not None
    ]


def _signing_now(kind: str, algorithm: str) -> Authority | None:
    if kind not in (profiles.ROOT, profiles.ISSUING, profiles.OCSP, profiles.TIMESTAMP):
        return None
    rows = Authority.objects.filter(kind=kind, algorithm=algorithm, retired_at__isnull=True)
    return rows.order_by("-id").first()


def _chain(row: Authority, name: str) -> Published:
    pem = "".join(reading.to_pem(der) for der in authorities.chain_of(row))
    return Published(name=name, content=pem.encode(), content_type=PEM_TYPE, max_age_s=3600)


def _list(row: Authority, name: str) -> Published | None:
    latest = authorities.latest_list(row)
    if latest is None:
        return None
    # A revocation is published at once: a cache may not hide it for long.
    return Published(name=name, content=bytes(latest.der), content_type=CRL_TYPE, max_age_s=60)

"""The authorities of this node and their keys; a key is opened when it signs, and held by the process from then on."""

from functools import lru_cache

from asn1crypto import x509

from goldentax.certificates import errors
from goldentax.certificates.models import Authority, RevocationList
from goldentax.certificates.rules import profiles, reading
from goldentax.certificates.rules.keys import KeyPair
from goldentax.certificates.rules.views import AuthorityView
from goldentax.kernel.crypto import vault

KEY_PURPOSE = "certificates.authority"


def get_authority(*, kind: str, algorithm: str) -> Authority:
    """
    The authority of a kind that signs now.

    :raises errors.AuthorityMissing: if there is none yet.
    """
    signing = Authority.objects.filter(kind=kind, algorithm=algorithm, retired_at__isnull=True)
    found = signing.order_by("-id").first()
    if found is None:
        raise errors.AuthorityMissing(algorithm=algorithm)
    return found


def find_by_key_id(key_id: str) -> Authority | None:
    """The authority whose certificates name this key, also a former one."""
    return Authority.objects.filter(key_id=key_id).first()


def key_of(authority: Authority) -> KeyPair:
    """The key of an authority other than the root."""
    assert authority.kind != profiles.ROOT, "the root's key lies in a file"
    return _opened(bytes(authority.sealed_key))


@lru_cache(maxsize=32)
def _opened(sealed: bytes) -> KeyPair:
    return KeyPair.from_bytes(vault.open_sealed(sealed, KEY_PURPOSE))


@lru_cache(maxsize=64)
def certificate_of(der: bytes) -> reading.Certificate:
    """An authority's own certificate, read once."""
    return reading.read_certificate(der)


def organisation_of(authority: Authority) -> str:
    """The organisation an authority belongs to, as its own name says."""
    return str(x509.Name.load(bytes(authority.subject)).native["organization_name"])


def chain_of(authority: Authority) -> tuple[bytes, ...]:
    """The certificates from this authority up to the root, DER."""
    found: list[bytes] = []
    above: Authority | None = authority
    while above is not None:
        found.append(bytes(above.der))
        above = above.parent
    return tuple(found)


def list_authorities(*, with_former: bool = False) -> list[AuthorityView]:
    """The authorities from the root down, with their latest revocation lists."""
    rows = Authority.objects.select_related("parent").order_by("algorithm", "id")
    if not with_former:
        rows = rows.filter(retired_at__isnull=True)
    order = (profiles.ROOT, profiles.ISSUING, profiles.OCSP, profiles.TIMESTAMP)
    latest = {
        one.authority_id: one
        for one in RevocationList.objects.defer("der")
        .order_by("authority_id", "-number")
        .distinct("authority_id")
    }
    views = [_view(row, latest.get(row.pk)) for row in rows]
    return sorted(views, key=lambda one: (one.algorithm != "sm2", order.index(one.kind), one.valid_from))


def latest_list(authority: Authority) -> RevocationList | None:
    """The last revocation list of an authority."""
    return RevocationList.objects.filter(authority=authority).order_by("-number").first()


def _view(row: Authority, crl: RevocationList | None) -> AuthorityView:
    certificate = certificate_of(bytes(row.der))
    return AuthorityView(
        kind=row.kind,
        algorithm=row.algorithm,
        serial=row.serial,
        key_id=row.key_id,
        name=certificate.holder.name if certificate.holder else "",
        parent_key_id=row.parent.key_id if row.parent else "",
        der=bytes(row.der),
        pem=reading.to_pem(bytes(row.der)),
        valid_from=row.valid_from,
        valid_to=row.valid_to,
        retired_at=row.retired_at,
        revoked_at=row.revoked_at,
        crl_number=crl.number if crl else 0,
        crl_entries=crl.entry_count if crl else 0,
        crl_this_update=crl.this_update if crl else None,
        crl_next_update=crl.next_update if crl else None,
    )

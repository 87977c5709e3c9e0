"""
Making the authorities (签发机构): the root of the world, the issuing authority of the node, its responders.

The root's key is a sealed file in the home of the world that runs the headquarters, and signs nothing but issuing
authorities and its own list. A province in a home of its own has no root: it asks with a request, and installs what
the headquarters signed. All other keys lie in the node's database, sealed in the vault.
"""

from datetime import datetime, timedelta
from pathlib import Path

from django.db import transaction

from goldentax.certificates import errors
from goldentax.certificates.models import Authority
from goldentax.certificates.operations import books, publishing, requests, rootkeys
from goldentax.certificates.queries import authorities, kinds, places
from goldentax.certificates.rules import building, profiles, reading
from goldentax.certificates.rules import requests as request_rules
from goldentax.certificates.rules.keys import ALGORITHMS, KeyPair
from goldentax.kernel import audit
from goldentax.kernel.crypto import keyfiles, vault
from goldentax.kernel.node import all_nodes, get_node, this_node
from goldentax.kernel.settings import settings

SYSTEM = "system:certificates"
_PENDING = "pending"


@transaction.atomic
def make_authorities(*, now: datetime, actor: str = SYSTEM) -> int:
    """
    Make what is missing or near its end, and the revocation lists of what was made; how many authorities were made.

    Where the root is elsewhere and has not signed for this node, nothing is made.
    """
    requests.lock("certificates:authorities")
    made = 0
    for algorithm in ALGORITHMS:
        root = _ensure_root(algorithm, now, actor)
        issuing = _find(profiles.ISSUING, algorithm)
        if root is not None and _is_due(issuing, now):
            issuing = _make_issuing(root, now, actor)
            made += 1
        if issuing is not None:
            made += _make_services(algorithm, now, actor)
    return made


@transaction.atomic
def revoke_authority(*, serial: str, reason: str, actor: str, now: datetime) -> None:
    """
    Revoke an issuing authority: from now on nothing it issued is believed, and another one is made.

    :raises errors.UnknownCertificate: if there is none with this serial number.
    :raises errors.AlreadyRevoked: if it was revoked before.
    """
    requests.lock("certificates:authorities")
    row = Authority.objects.filter(serial=serial, kind=profiles.ISSUING).first()
    if row is None:
        raise errors.UnknownCertificate("serial", serial=serial[:40])
    if row.revoked_at is not None:
        raise errors.AlreadyRevoked("serial", serial=serial)
    Authority.objects.filter(pk=row.pk).update(
        revoked_at=now, revocation_reason=reason, retired_at=row.retired_at or now
    )
    Authority.objects.filter(parent=row, retired_at__isnull=True).update(retired_at=now)
    audit.record(
        actor=actor,
        action="certificates.authority.revoke",
        subject=serial,
        now=now,
        detail={"reason": reason},
    )
    assert row.parent is not None
    if rootkeys.is_here(row.algorithm):
        entry = building.RevokedEntry(serial=int(serial, 16), at=now, reason=reason)
        rootkeys.note_revoked(entry, algorithm=row.algorithm)
        publishing.publish(row.parent, now=now)
    make_authorities(now=now, actor=actor)


@transaction.atomic
def request_authority(*, algorithm: str, now: datetime, actor: str) -> bytes:
    """Make the key of this node's issuing authority, and the request for it, PEM; asked again, for the same key."""
    requests.lock("certificates:authorities")
    path = _pending_file(algorithm)
    if not path.exists():
        keyfiles.write_sealed(path, KeyPair.generate(algorithm).to_bytes())
        audit.record(actor=actor, action="certificates.authority.request", subject=algorithm, now=now)
    key = KeyPair.from_bytes(keyfiles.read_sealed(path))
    return request_rules.build_request(
        key=key, holder=_holder(profiles.ISSUING, algorithm), organisation=_organisation()
    )


@transaction.atomic
def sign_authority(*, request: bytes, node: str, now: datetime, actor: str, base_url: str) -> bytes:
    """
    Sign the issuing authority of another node with the root of this world; gives the certificate and the root, PEM.

    :raises errors.PossessionNotProven: if the request is not signed with its own key.
    :raises errors.AuthorityMissing: if the root is not kept here.
    """
    key = request_rules.proven_key(request)
    parent = _ensure_root(key.algorithm, now, actor)
    if parent is None:
        raise errors.AuthorityMissing()
    root, root_id = reading.read_certificate(bytes(parent.der)), parent.key_id
    here = base_url.rstrip("/")
    order = building.Order(
        holder=_holder(profiles.ISSUING, key.algorithm, node=node),
        public_key=key,
        organisation=get_node(node).bureau_name.zh,
        valid_from=now,
        valid_to=min(_ends(profiles.ISSUING, now), root.valid_to),
        serial=building.new_serial(),
        places=building.Places(crl_url=f"{here}/pki/{root_id}.crl", issuer_url=f"{here}/pki/{root_id}.cer"),
    )
    der = building.build_certificate(
        order, issuer_key=rootkeys.root_key(key.algorithm), issuer_name=root.subject
    )
    # It does not sign here, and has no key here; it is noted so that it can be revoked here.
    noted = _add(
        reading.read_certificate(der), kind=profiles.ISSUING, key=None, parent=parent, now=now, retired_at=now
    )
    audit.record(
        actor=actor,
        action="certificates.authority.sign",
        subject=noted.serial,
        now=now,
        detail={"node": node, "algorithm": key.algorithm},
    )
    return (reading.to_pem(der) + reading.to_pem(root.der)).encode()


@transaction.atomic
def install_authority(*, certificate: bytes, root: bytes, now: datetime, actor: str) -> None:
    """
    Install what the headquarters signed for :func:`request_authority`.

    :raises errors.WrongAuthorityCertificate: if it is not for that request, or not signed by this root.
    """
    requests.lock("certificates:authorities")
    found, above = reading.read_certificate(certificate), reading.read_certificate(root)
    path = _pending_file(found.algorithm)
    key = KeyPair.from_bytes(keyfiles.read_sealed(path)) if path.exists() else None
    fits = above.is_signed_by(above) and found.is_signed_by(above) and found.is_in_force(now)
    if key is None or key.public != found.public_key or not fits:
        raise errors.WrongAuthorityCertificate("certificate")
    parent = authorities.find_by_key_id(above.key_id.hex()) or _add(
        above, kind=profiles.ROOT, key=None, parent=None, now=now
    )
    _retire(profiles.ISSUING, found.algorithm, now)
    _add(found, kind=profiles.ISSUING, key=key, parent=parent, now=now)
    _record("install", found, actor, now)
    make_authorities(now=now, actor=actor)
    transaction.on_commit(lambda: path.unlink(missing_ok=True))


def _ensure_root(algorithm: str, now: datetime, actor: str) -> Authority | None:
    """The root, if this world keeps it; its key and certificate are made once for all nodes of the home."""
    headquarters = next(one.code for one in all_nodes() if one.is_headquarters)
    key_file, certificate_file = rootkeys.root_file(algorithm, "key"), rootkeys.root_file(algorithm, "cer")
    if not key_file.exists():
        if headquarters not in settings().nodes or _find(profiles.ROOT, algorithm) is not None:
            return None
        keyfiles.write_sealed(key_file, KeyPair.generate(algorithm).to_bytes())
    key = rootkeys.root_key(algorithm)
    if not certificate_file.exists():
        keyfiles.write_once(certificate_file, _root_certificate(key, now))
    certificate = reading.read_certificate(certificate_file.read_bytes())
    found = authorities.find_by_key_id(certificate.key_id.hex())
    if found is None:
        found = _add(certificate, kind=profiles.ROOT, key=None, parent=None, now=now)
        _record("make", certificate, actor, now)
        publishing.publish(found, now=now)
    return found


def _root_certificate(key: KeyPair, now: datetime) -> bytes:
    headquarters = next(one for one in all_nodes() if one.is_headquarters)
    order = building.Order(
        holder=_holder(profiles.ROOT, key.algorithm, node=headquarters.code),
        public_key=key.public,
        organisation=headquarters.bureau_name.zh,
        # The year it was made in: whatever the clocks of its nodes say, it was there before what it signed.
        valid_from=now.replace(month=1, day=1, hour=0, minute=0, second=0, microsecond=0),
        valid_to=_ends(profiles.ROOT, now),
        serial=building.new_serial(),
        places=building.Places(),
    )
    return building.build_certificate(order, issuer_key=key)


def _make_issuing(root: Authority, now: datetime, actor: str) -> Authority:
    key = KeyPair.generate(root.algorithm)
    certificate = _signed(
        profiles.ISSUING, key=key, parent=root, parent_key=rootkeys.root_key(root.algorithm), now=now
    )
    _retire(profiles.ISSUING, root.algorithm, now)
    made = _add(certificate, kind=profiles.ISSUING, key=key, parent=root, now=now)
    _record("make", certificate, actor, now)
    publishing.publish(made, now=now)
    return made


def _make_services(algorithm: str, now: datetime, actor: str) -> int:
    """A responder for every issuing authority that is still in force, and one timestamp authority for the node."""
    made = 0
    issuing = Authority.objects.filter(
        kind=profiles.ISSUING, algorithm=algorithm, revoked_at__isnull=True, valid_to__gt=now
    ).order_by("-id")
    # The headquarters' notes of provinces' authorities have no key here.
    issuing = issuing.exclude(sealed_key=b"")
    for number, one in enumerate(issuing):
        for kind in (profiles.OCSP, profiles.TIMESTAMP) if number == 0 else (profiles.OCSP,):
            if _is_due(_find(kind, algorithm, parent=one), now):
                _make_service(kind, one, now, actor)
                made += 1
    return made


def _make_service(kind: str, issuing: Authority, now: datetime, actor: str) -> None:
    key = KeyPair.generate(issuing.algorithm)
    certificate = _signed(kind, key=key, parent=issuing, parent_key=authorities.key_of(issuing), now=now)
    former = Authority.objects.filter(kind=kind, algorithm=issuing.algorithm, retired_at__isnull=True)
    # One timestamp authority for the node, but a responder for each issuing authority.
    (former if kind == profiles.TIMESTAMP else former.filter(parent=issuing)).update(retired_at=now)
    _add(certificate, kind=kind, key=key, parent=issuing, now=now)
    # It is a certificate like others too: listed, revoked and believed by the same rules.
    books.add_row(certificate, authority=issuing, actor=actor, now=now)
    _record("make", certificate, actor, now)


def _signed(
    kind: str, *, key: KeyPair, parent: Authority, parent_key: KeyPair, now: datetime
) -> reading.Certificate:
    order = building.Order(
        holder=_holder(kind, key.algorithm),
        public_key=key.public,
        organisation=_organisation(),
        valid_from=now,
        valid_to=min(_ends(kind, now), parent.valid_to),
        serial=building.new_serial(),
        places=places.places_of(parent.key_id, issuer_kind=parent.kind),
    )
    name = bytes(parent.subject)
    return reading.read_certificate(
        building.build_certificate(order, issuer_key=parent_key, issuer_name=name)
    )


def _add(
    certificate: reading.Certificate,
    *,
    kind: str,
    key: KeyPair | None,
    parent: Authority | None,
    now: datetime,
    retired_at: datetime | None = None,
) -> Authority:
    held = {
        "kind": kind,
        "algorithm": certificate.algorithm,
        "parent": parent,
        "serial": reading.serial_text(certificate.serial),
        "subject": certificate.subject,
        "der": certificate.der,
        "sealed_key": vault.seal(key.to_bytes(), authorities.KEY_PURPOSE) if key else b"",
        "valid_from": certificate.valid_from,
        "valid_to": certificate.valid_to,
        "created_at": now,
        "retired_at": retired_at,
    }
    return Authority.objects.update_or_create(key_id=certificate.key_id.hex(), defaults=held)[0]


def _find(kind: str, algorithm: str, *, parent: Authority | None = None) -> Authority | None:
    rows = Authority.objects.filter(kind=kind, algorithm=algorithm, retired_at__isnull=True)
    return (rows.filter(parent=parent) if parent else rows).order_by("-id").first()


def _is_due(row: Authority | None, now: datetime) -> bool:
    if row is None:
        return True
    renew_days = kinds.get_kind(row.kind, on=kinds.day_of(now)).renew_days
    return row.valid_to - timedelta(days=renew_days) <= now


def _retire(kind: str, algorithm: str, now: datetime) -> None:
    Authority.objects.filter(kind=kind, algorithm=algorithm, retired_at__isnull=True).update(retired_at=now)


def _ends(kind: str, now: datetime) -> datetime:
    return now + timedelta(days=kinds.get_kind(kind, on=kinds.day_of(now)).term_days)


_NAMES = {
    profiles.ROOT: "金税根证书",
    profiles.ISSUING: "金税签发机构",
    profiles.OCSP: "金税证书状态服务",
    profiles.TIMESTAMP: "金税时间戳服务",
}


def _holder(kind: str, algorithm: str, *, node: str = "") -> profiles.Holder:
    node = node or this_node().code
    place = "" if kind == profiles.ROOT else f" {get_node(node).name.zh}"
    return profiles.Holder(kind=kind, subject_id=node, name=f"{_NAMES[kind]}{place} {algorithm.upper()}")


def _organisation() -> str:
    return this_node().bureau_name.zh


def _pending_file(algorithm: str) -> Path:
    return settings().home / "secrets" / f"issuing-{this_node().code}-{algorithm}.{_PENDING}"


def _record(verb: str, certificate: reading.Certificate, actor: str, now: datetime) -> None:
    assert certificate.holder is not None
    audit.record(
        actor=actor,
        action=f"certificates.authority.{verb}",
        subject=reading.serial_text(certificate.serial),
        now=now,
        detail={"kind": certificate.holder.kind, "algorithm": certificate.algorithm},
    )

"""
What each kind of certificate may be used for, and how its holder is named (GM/T 0015, RFC 5280).

How long a kind is valid and who may ask for it is law and stands in ``lawbook/certificates/kinds.yaml``; what its key
may do is what the kind is, and stands here. The holder's kind and id are written twice: for people as the serial
number in the subject's name, for programs as a URI among the alternative names.
"""

import re
from dataclasses import dataclass
from urllib.parse import quote, unquote

from goldentax.certificates import errors
from goldentax.certificates.rules import der

PERSON, TAXPAYER, ENCIPHERMENT, OFFICER, DEVICE = "person", "taxpayer", "encipherment", "officer", "device"
NODE, TIMESTAMP, OIDC, OCSP, ISSUING, ROOT = "node", "timestamp", "oidc", "ocsp", "issuing", "root"

POLICY_ARC = "2.25.272163246311474735853206243017128190637"
"""Our arc for certificate policies, made of a UUID (X.667): it needs no registration."""

URI_PREFIX = "urn:goldentax:holder:"
NAME_MAX = 200
_COMMON_NAME_MAX = 64  # ub-common-name of X.520
_SUBJECT_ID = re.compile(r"[0-9A-Za-z-]{1,64}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """What the key of a kind may do."""

    number: int  # below POLICY_ARC; never changed
    key_usage: frozenset[str]
    extended: tuple[str, ...] = ()
    extended_is_critical: bool = False
    path_length: int | None = None
    is_authority: bool = False
    signs_in: bool = False  # whether a person proves who they are with it


_SIGNS = frozenset({"digital_signature", "non_repudiation"})
PROFILES: dict[str, Profile] = {
    PERSON: Profile(number=1, key_usage=_SIGNS, extended=("client_auth", "email_protection"), signs_in=True),
    TAXPAYER: Profile(number=2, key_usage=_SIGNS, extended=("client_auth", "email_protection")),
    ENCIPHERMENT: Profile(number=3, key_usage=frozenset({"key_encipherment", "data_encipherment"})),
    OFFICER: Profile(number=4, key_usage=_SIGNS, extended=("client_auth", "email_protection"), signs_in=True),
    DEVICE: Profile(number=5, key_usage=frozenset({"digital_signature"}), extended=("client_auth",)),
    NODE: Profile(number=6, key_usage=_SIGNS, extended=("client_auth", "server_auth")),
    TIMESTAMP: Profile(number=7, key_usage=_SIGNS, extended=("time_stamping",), extended_is_critical=True),
    OIDC: Profile(number=8, key_usage=frozenset({"digital_signature"})),
    OCSP: Profile(number=9, key_usage=frozenset({"digital_signature"}), extended=("ocsp_signing",)),
    ISSUING: Profile(
        number=10, key_usage=frozenset({"key_cert_sign", "crl_sign"}), is_authority=True, path_length=0
    ),
    ROOT: Profile(number=11, key_usage=frozenset({"key_cert_sign", "crl_sign"}), is_authority=True),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Holder:
    """Whom a certificate names."""

    kind: str
    subject_id: str  # public id of a person or device, tax id, node code
    name: str

    def check(self) -> None:
        """:raises errors.BadSubject: if the name or id cannot stand in a certificate."""
        if not (
            1 <= len(self.name) <= NAME_MAX and self.name.isprintable() and self.name.strip() == self.name
        ):
            raise errors.BadSubject("name")
        if not _SUBJECT_ID.fullmatch(self.subject_id):
            raise errors.BadSubject("subject_id")

    @property
    def uri(self) -> str:
        return f"{URI_PREFIX}{self.kind}:{quote(self.subject_id, safe='-')}"


def distinguished_name(holder: Holder, *, organisation: str) -> bytes:
    """The subject's name, DER: country, organisation, kind, name (cut at the 64 signs of X.520), id."""
    return der.sequence(
        _part("2.5.4.6", der.printable("CN")),
        _part("2.5.4.10", der.utf8(organisation[:_COMMON_NAME_MAX])),
        _part("2.5.4.11", der.utf8(holder.kind)),
        _part("2.5.4.3", der.utf8(holder.name[:_COMMON_NAME_MAX])),
        _part("2.5.4.5", der.printable(holder.subject_id)),
    )


def _part(kind: str, value: bytes) -> bytes:
    return der.set_of(der.sequence(der.oid(kind), value))


def holder_of_uri(uri: str, *, name: str) -> Holder | None:
    """Read the URI of a holder; None if it is another one."""
    if not uri.startswith(URI_PREFIX):
        return None
    kind, _, subject_id = uri.removeprefix(URI_PREFIX).partition(":")
    return Holder(kind=kind, subject_id=unquote(subject_id), name=name) if kind in PROFILES else None

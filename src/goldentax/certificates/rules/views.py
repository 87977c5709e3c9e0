"""What the certificates show of themselves: plain values for pages, programs and other modules."""

import uuid
from dataclasses import dataclass
from datetime import datetime

from goldentax.kernel.text import Text

VALID, EXPIRED, REVOKED, FUTURE = "valid", "expired", "revoked", "future"

STATES: dict[str, Text] = {
    VALID: Text("有效", "Valid"),
    EXPIRED: Text("已过期", "Expired"),
    REVOKED: Text("已吊销", "Revoked"),
    FUTURE: Text("未生效", "Not yet"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """A kind of certificate (证书种类), as the lawbook describes it on a day."""

    code: str
    label: Text
    term_days: int
    renew_days: int
    asked_by: str  # holder, officer, system
    valid_count_max: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CertificateView:
    """A certificate that was issued here."""

    public_id: uuid.UUID
    serial: str  # hex
    kind: str
    subject_id: str
    name: str
    algorithm: str
    key_fingerprint: str
    der: bytes
    pem: str
    issuer_key_id: str
    valid_from: datetime
    valid_to: datetime
    issued_at: datetime
    issued_by: str
    revoked_at: datetime | None
    revocation_reason: str

    def state(self, now: datetime) -> str:
        """Its state at a moment: what was revoked later was valid before."""
        if self.revoked_at is not None and self.revoked_at <= now:
            return REVOKED
        if now < self.valid_from:
            return FUTURE
        return VALID if now <= self.valid_to else EXPIRED


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthorityView:
    """An authority: what it signs, until when, and the list of what it revoked."""

    kind: str
    algorithm: str
    serial: str
    key_id: str
    name: str
    parent_key_id: str
    der: bytes
    pem: str
    valid_from: datetime
    valid_to: datetime
    retired_at: datetime | None
    revoked_at: datetime | None
    crl_number: int
    crl_entries: int
    crl_this_update: datetime | None
    crl_next_update: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CertifiedSubject:
    """Whom a certificate proved, and with which one."""

    subject_kind: str
    subject_id: str
    name: str
    serial: str
    algorithm: str
    valid_to: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Sealed:
    """Who sealed a document, and by when, if there is a timestamp."""

    by: CertifiedSubject
    stamped_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Seal:
    """A seal of this node over a document, and a timestamp over the seal; both DER."""

    seal: bytes
    timestamp: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Stamped:
    """When a document was there, by a timestamp of this system."""

    at: datetime
    serial: str
    algorithm: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """Some certificates, and where the next ones begin."""

    items: tuple[CertificateView, ...]
    next_cursor: str

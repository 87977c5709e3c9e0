"""The front door of certificates."""

from goldentax.certificates.errors import (
    AlreadyRevoked,
    AuthorityMissing,
    BadEnvelope,
    KeyTaken,
    NotInForce,
    NotRenewable,
    PossessionNotProven,
    Revoked,
    TooManyCertificates,
    UnknownCertificate,
    UnknownIssuer,
    UnknownKind,
    UnreadableCertificate,
    WrongSignature,
    WrongUsage,
)
from goldentax.certificates.operations.authorities import (
    install_authority,
    make_authorities,
    request_authority,
    revoke_authority,
    sign_authority,
)
from goldentax.certificates.operations.issuing import issue_for, renew
from goldentax.certificates.operations.publishing import publish_due
from goldentax.certificates.operations.revoking import revoke, revoke_all_of
from goldentax.certificates.operations.services import answer_timestamp, encrypt_for, seal_document, timestamp
from goldentax.certificates.queries.authorities import list_authorities
from goldentax.certificates.queries.issued import (
    find_by_public_id,
    get_certificate,
    list_certificates,
    list_of_holders,
)
from goldentax.certificates.queries.kinds import get_kind, list_kinds, parameter
from goldentax.certificates.queries.publications import find_published, list_published
from goldentax.certificates.queries.status import answer_status
from goldentax.certificates.queries.verifying import (
    verify_certificate,
    verify_challenge,
    verify_sealed,
    verify_signature,
    verify_timestamp,
)
from goldentax.certificates.rules.challenges import signature_of, signed_text
from goldentax.certificates.rules.holding import OF_TAXPAYER, managed_holders, seen_holders
from goldentax.certificates.rules.keys import ALGORITHMS, ES256, SM2
from goldentax.certificates.rules.profiles import (
    DEVICE,
    ENCIPHERMENT,
    NODE,
    OFFICER,
    OIDC,
    PERSON,
    TAXPAYER,
    Holder,
)
from goldentax.certificates.rules.reasons import HOLDERS, REASONS
from goldentax.certificates.rules.requests import build_request, possession_text
from goldentax.certificates.rules.views import (
    STATES,
    AuthorityView,
    CertificateView,
    CertifiedSubject,
    Kind,
    Page,
    Seal,
    Sealed,
    Stamped,
)

__all__ = [
    "ALGORITHMS",
    "DEVICE",
    "ENCIPHERMENT",
    "ES256",
    "HOLDERS",
    "NODE",
    "OFFICER",
    "OF_TAXPAYER",
    "OIDC",
    "PERSON",
    "REASONS",
    "SM2",
    "STATES",
    "TAXPAYER",
    "AlreadyRevoked",
    "AuthorityMissing",
    "AuthorityView",
    "BadEnvelope",
    "CertificateView",
    "CertifiedSubject",
    "Holder",
    "KeyTaken",
    "Kind",
    "NotInForce",
    "NotRenewable",
    "Page",
    "PossessionNotProven",
    "Revoked",
    "Seal",
    "Sealed",
    "Stamped",
    "TooManyCertificates",
    "UnknownCertificate",
    "UnknownIssuer",
    "UnknownKind",
    "UnreadableCertificate",
    "WrongSignature",
    "WrongUsage",
    "answer_status",
    "answer_timestamp",
    "build_request",
    "encrypt_for",
    "find_by_public_id",
    "find_published",
    "get_certificate",
    "get_kind",
    "install_authority",
    "issue_for",
    "list_authorities",
    "list_certificates",
    "list_kinds",
    "list_of_holders",
    "list_published",
    "make_authorities",
    "managed_holders",
    "parameter",
    "possession_text",
    "publish_due",
    "renew",
    "request_authority",
    "revoke",
    "revoke_all_of",
    "revoke_authority",
    "seal_document",
    "seen_holders",
    "sign_authority",
    "signature_of",
    "signed_text",
    "timestamp",
    "verify_certificate",
    "verify_challenge",
    "verify_sealed",
    "verify_signature",
    "verify_timestamp",
]

"""Checks that registration, changes and catalogues share: printable text, telephone, account, identifier."""

import re

from goldentax.kernel.refusals import Refusal
from goldentax.kernel.text import Text
from goldentax.kernel.values import identifiers
from goldentax.registry import errors

_PHONE = re.compile(r"[0-9+()（）\- ]{5,30}")
_ACCOUNT = re.compile(r"[0-9A-Za-z\- ]{6,40}")
_TEST_ID = re.compile(r"[0-9A-Za-z*]{8,20}")
_REQUEST_ID = re.compile(r"[0-9A-Za-z._:\-]{8,64}")


def refuse_bad_request_id(request_id: str) -> None:
    """
    Hold a request id against its form.

    :raises errors.BadRequestId: if it has not 8–64 of the allowed characters.
    """
    if not _REQUEST_ID.fullmatch(request_id):
        raise errors.BadRequestId("request_id")


def check_text(text: str, *, field: str, label: Text, longest: int, shortest: int = 0) -> list[Refusal]:
    """Refuse a text of the wrong length, with blanks at its ends, or with signs that cannot be printed."""
    if shortest <= len(text) <= longest and text == text.strip() and (not text or text.isprintable()):
        return []
    facts = {"label_zh": label.zh, "label_en": label.en, "shortest": shortest, "longest": longest}
    return [errors.BadText(field, **facts)]


def check_phone(phone: str, *, field: str = "phone") -> list[Refusal]:
    """Refuse what cannot be a telephone number; nothing is fine."""
    return [] if not phone or _PHONE.fullmatch(phone) else [errors.BadPhone(field, phone=phone[:30])]


def check_bank_account(account: str, *, field: str = "bank_account") -> list[Refusal]:
    """Refuse what cannot be a bank account; nothing is fine."""
    return [] if not account or _ACCOUNT.fullmatch(account) else [errors.BadBankAccount(field)]


def check_identifier(tax_id: str, *, field: str = "tax_id") -> list[Refusal]:
    """Refuse what is no taxpayer identifier, telling a wrong check character from a wrong form."""
    if identifiers.classify_taxpayer_id(tax_id) is not None:
        return []
    if re.fullmatch(r"[0-9A-HJ-NP-RTUW-Y]{18}", tax_id):
        return [errors.WrongCheckCharacter(field, tax_id=tax_id)]
    return [errors.BadIdentifier(field, tax_id=tax_id[:40])]


def check_test_identifier(tax_id: str, *, field: str = "tax_id") -> list[Refusal]:
    """Refuse what not even a test taxpayer may be called: 8–20 letters, digits or masking asterisks."""
    return [] if _TEST_ID.fullmatch(tax_id) else [errors.BadIdentifier(field, tax_id=tax_id[:40])]

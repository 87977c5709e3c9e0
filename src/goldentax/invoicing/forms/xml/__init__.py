"""The delivered XML of one invoice: written, signed, read back, checked, and made a draft again."""

from goldentax.invoicing.forms.xml.checking import Finding, check, is_masked
from goldentax.invoicing.forms.xml.content import business_fields, to_draft
from goldentax.invoicing.forms.xml.delivered import (
    DeliveredInvoice,
    DeliveredSignature,
    Label,
    OtherElement,
    ReceiverInstance,
    SignatureOutcome,
    Transaction,
)
from goldentax.invoicing.forms.xml.reading import parse
from goldentax.invoicing.forms.xml.signing import TaxBureauSignature, verify_signature
from goldentax.invoicing.forms.xml.writing import signed_bytes, write

__all__ = [
    "DeliveredInvoice",
    "DeliveredSignature",
    "Finding",
    "Label",
    "OtherElement",
    "ReceiverInstance",
    "SignatureOutcome",
    "TaxBureauSignature",
    "Transaction",
    "business_fields",
    "check",
    "is_masked",
    "parse",
    "signed_bytes",
    "to_draft",
    "verify_signature",
    "write",
]

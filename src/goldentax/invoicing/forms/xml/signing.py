"""
The bureau's signature in the delivered XML (税务机关签名): SM2 over SM3, detached.

The reference of delivered files names Header, EInvoiceData, SellerAuthentication, TaxSupervisionInfo and
SignatureTime, but the exact bytes are not published (FACTS §9). Ours are: those five elements in that
order, each without the white space between its elements, canonicalised (C14N 1.0, without comments),
concatenated. So a file may be indented or encoded anew and still verifies; any other change of what was
signed is found.
"""

import base64
import binascii
from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass
from datetime import datetime

from lxml import etree

from goldentax.invoicing.forms.xml.delivered import SignatureOutcome
from goldentax.invoicing.forms.xml.guard import local_name, read_tree
from goldentax.kernel.clock import CHINA

ALGORITHM = "1.2.156.10197.1.501"
FORMAT = "DETACH"
# Delivered files spell it "Einvoice" here although their root is "EInvoice".
REFERENCE = (
    "/Einvoice/Header|/Einvoice/EInvoiceData|/Einvoice/SellerAuthentication|/Einvoice/TaxSupervisionInfo"
    "|/Einvoice/TaxBureauSignature/SignatureTime"
)
_COVERED = ("Header", "EInvoiceData", "SellerAuthentication", "TaxSupervisionInfo")

VALID = SignatureOutcome(
    state="valid", reason_zh="签名与内容相符", reason_en="the signature matches the content"
)
MISSING = SignatureOutcome(
    state="missing", reason_zh="文件没有税务机关签名", reason_en="there is no bureau signature"
)
ALTERED = SignatureOutcome(
    state="altered",
    reason_zh="签名与内容不符：文件被改动，或并非本系统签发",
    reason_en="the signature does not match: the file was altered, or never issued here",
)
REPEATED = SignatureOutcome(
    state="altered",
    reason_zh="被签名的元素出现多次：文件被改动",
    reason_en="a signed element appears more than once: the file was altered",
)
UNREADABLE = SignatureOutcome(
    state="unreadable",
    reason_zh="签名值或签名算法无法识别",
    reason_en="the value or the algorithm of the signature cannot be read",
)


@dataclass(frozen=True, kw_only=True)
class TaxBureauSignature:
    """The bureau's signature over one invoice: when, the value in base64, and which key (its id)."""

    signed_at: datetime
    value_b64: str
    key_info: str


def bytes_to_sign(root: etree._Element, *, signed_at: datetime) -> bytes:
    """Compute the bytes the bureau signs for the tree of one invoice at one moment."""
    moment = etree.Element("SignatureTime")
    moment.text = _moment_text(signed_at)
    return _covered_bytes(root, moment)


def append_signature(root: etree._Element, *, signature: TaxBureauSignature) -> None:
    """Hang a signature into the tree of an invoice."""
    holder = etree.SubElement(root, "TaxBureauSignature")
    etree.SubElement(holder, "Reference", URI=REFERENCE)
    for name, text in (
        ("SignatureAlgorithm", ALGORITHM),
        ("SignatureFormat", FORMAT),
        ("SignatureTime", _moment_text(signature.signed_at)),
        ("SignatureValue", signature.value_b64),
        ("KeyInfo", signature.key_info),
    ):
        etree.SubElement(holder, name).text = text


def verify_signature(data: bytes, *, verify: Callable[[bytes, bytes], bool]) -> SignatureOutcome:
    """
    Tell whether a delivered file is as the bureau signed it.

    ``verify`` gets the signed bytes and the signature. ``valid``: as signed. ``altered``: changed, or
    signed by somebody else. ``missing``: delivered without. ``unreadable``: no signature we could check.

    :raises BrokenXml: and its neighbours, as :func:`parse`.
    """
    root = read_tree(data)
    holders = _named(root, "TaxBureauSignature")
    moments = [one for holder in holders for one in _named(holder, "SignatureTime")]
    values = [one for holder in holders for one in _named(holder, "SignatureValue")]
    value = (values[0].text or "").strip() if values else ""
    if not value:
        return MISSING
    repeated = any(len(_named(root, name)) > 1 for name in _COVERED)
    if repeated or len(holders) > 1 or len(moments) > 1 or len(values) > 1:
        return REPEATED
    algorithms = [(one.text or "").strip() for one in _named(holders[0], "SignatureAlgorithm")]
    if not moments or algorithms != [ALGORITHM]:
        return UNREADABLE
    try:
        signature = base64.b64decode(value, validate=True)
    except binascii.Error:
        return UNREADABLE
    return VALID if verify(_covered_bytes(root, moments[0]), signature) else ALTERED


def _moment_text(moment: datetime) -> str:
    return f"{moment.astimezone(CHINA):%Y-%m-%d %H:%M:%S}"


def _named(parent: etree._Element, name: str) -> list[etree._Element]:
    return [one for one in parent if local_name(one).lower() == name.lower()]


def _covered_bytes(root: etree._Element, moment: etree._Element) -> bytes:
    parts = [one for name in _COVERED for one in _named(root, name)]
    return b"".join(_canonical(one) for one in [*parts, moment])


def _canonical(element: etree._Element) -> bytes:
    alone = deepcopy(element)
    alone.tail = None
    for one in alone.iter():
        if len(one):
            one.text = None if not (one.text or "").strip() else one.text
        if one.tail is not None and not one.tail.strip():
            one.tail = None
        if not len(one) and one.text == "":
            one.text = None
    return etree.tostring(alone, method="c14n", with_comments=False)

"""
Delivery (交付): the XML, PDF and OFD of an issued invoice.

The bureau's signature under the XML is made once, at the first rendering, and kept: every later copy is the same file
to the byte.
"""

import base64
from dataclasses import dataclass
from datetime import datetime

from goldentax.invoicing import errors
from goldentax.invoicing.forms import names, ofd, pdf, xml
from goldentax.invoicing.models import DocumentSignature
from goldentax.invoicing.queries import invoices
from goldentax.invoicing.rules.documents import InvoiceDocument
from goldentax.kernel.access import Actor
from goldentax.kernel.crypto.keys import node_signer

CONTENT_TYPES: dict[names.Form, str] = {
    "xml": "application/xml",
    "pdf": "application/pdf",
    "ofd": "application/ofd",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class RenderedForm:
    """One file of an invoice, named as users know it."""

    file_name: str
    content_type: str
    data: bytes


def render_form(*, number: str, form: str, actor: Actor, now: datetime) -> RenderedForm:
    """
    Make the file of one's own invoice.

    :raises goldentax.invoicing.errors.UnknownForm: if it is not xml, pdf or ofd.
    :raises goldentax.invoicing.errors.InvoiceNotFound: if there is no such invoice of the actor's.
    """
    chosen = next((one for one in CONTENT_TYPES if one == form), None)
    if chosen is None:
        raise errors.UnknownForm("form", form=form[:20])
    document = invoices.get_invoice(number=number, actor=actor)
    return RenderedForm(
        file_name=names.file_name(document, form=chosen),
        content_type=CONTENT_TYPES[chosen],
        data=_render(document, chosen, now),
    )


def _render(document: InvoiceDocument, form: names.Form, now: datetime) -> bytes:
    signed = xml.write(document, signature=_signature(document, now))
    if form == "xml":
        return signed
    # Both faces carry the signed XML inside: whoever has one file has the data.
    return pdf.write(document, xml=signed) if form == "pdf" else ofd.write(document, xml=signed)


def _signature(document: InvoiceDocument, now: datetime) -> xml.TaxBureauSignature:
    row = DocumentSignature.objects.filter(pk=document.number).first()
    if row is None:
        signed_at = now.replace(microsecond=0)
        signer = node_signer()
        value = signer.sign(xml.signed_bytes(document, signed_at=signed_at))
        # Two first readers at once both sign; one signature is kept, and both get that one.
        row, _ = DocumentSignature.objects.get_or_create(
            number=document.number, defaults={"signed_at": signed_at, "key_id": signer.key_id, "value": value}
        )
    return xml.TaxBureauSignature(
        signed_at=row.signed_at.astimezone(document.issued_at.tzinfo),
        value_b64=base64.b64encode(bytes(row.value)).decode("ascii"),
        key_info=row.key_id,
    )

"""The front door of invoicing."""

from goldentax.invoicing.desk.door import IssuingDoor
from goldentax.invoicing.operations.delivering import RenderedForm, render_form
from goldentax.invoicing.operations.drafts import delete_draft, save_draft
from goldentax.invoicing.operations.importing import ImportOutcome, import_file
from goldentax.invoicing.operations.issuing import Issued, issue_invoice, preview_invoice
from goldentax.invoicing.operations.limits import grant_limit
from goldentax.invoicing.operations.verifying import VerifyOutcome, verify_invoice
from goldentax.invoicing.queries.drafts import get_draft, list_drafts
from goldentax.invoicing.queries.exports import export_invoices
from goldentax.invoicing.queries.invoices import (
    InvoiceFilter,
    InvoicePage,
    InvoiceRow,
    Summary,
    count_invoices,
    get_invoice,
    get_receipt,
    list_invoices,
    read_filter,
    summarise_by_month,
    summarise_by_rate,
    summarise_invoices,
)
from goldentax.invoicing.queries.limits import LimitState, get_limit
from goldentax.invoicing.rules.documents import InvoiceDocument
from goldentax.invoicing.rules.drafts import InvoiceDraft, LineDraft, PartyDraft
from goldentax.invoicing.rules.receipts import AnyReceipt, Receipt
from goldentax.invoicing.rules.receipts import is_genuine as is_genuine_receipt
from goldentax.invoicing.rules.verifying import VerifyQuery, query_from_qr

__all__ = [
    "AnyReceipt",
    "ImportOutcome",
    "InvoiceDocument",
    "InvoiceDraft",
    "InvoiceFilter",
    "InvoicePage",
    "InvoiceRow",
    "Issued",
    "IssuingDoor",
    "LimitState",
    "LineDraft",
    "PartyDraft",
    "Receipt",
    "RenderedForm",
    "Summary",
    "VerifyOutcome",
    "VerifyQuery",
    "count_invoices",
    "delete_draft",
    "export_invoices",
    "get_draft",
    "get_invoice",
    "get_limit",
    "get_receipt",
    "grant_limit",
    "import_file",
    "is_genuine_receipt",
    "issue_invoice",
    "list_drafts",
    "list_invoices",
    "preview_invoice",
    "query_from_qr",
    "read_filter",
    "render_form",
    "save_draft",
    "summarise_by_month",
    "summarise_by_rate",
    "summarise_invoices",
    "verify_invoice",
]

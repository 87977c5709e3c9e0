"""What invoicing tells the others."""

from datetime import datetime

import msgspec

from goldentax.contracts.events import Event


class IssuedInvoice(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One invoice (发票) that got its number; from here on it can be reversed, never changed."""

    number: str
    kind: str
    is_red: bool
    seller_tax_id: str
    buyer_tax_id: str | None  # None: sold to a person who gave no number
    issued_at: datetime
    amount_fen: int
    tax_fen: int
    gross_fen: int
    document_hash: str  # SM3 of the stored document, hex
    home_node: str


class InvoicesIssuedV1(Event, frozen=True):
    """
    Invoices that one desk issued together, in the order of its log.

    They take the leaves from ``first_leaf`` on; whoever follows a log knows by that whether something is missing.
    """

    log: str  # node and desk: "45-1"
    first_leaf: int
    invoices: tuple[IssuedInvoice, ...]


class LogHeadPublishedV1(Event, frozen=True):
    """
    The newest head of a log (树头), told every few seconds while the log grows.

    Whoever keeps these has a witness outside the node's database: a log that is later cut short or written anew is
    not consistent with them. The signature covers the bytes that `docs/transparency.md` describes.
    """

    log: str
    tree_size: int
    root: str  # hex
    at: datetime
    previous: str  # hash of the head before, hex; "" for the first
    key_id: str
    signature: str  # SM2, DER, hex

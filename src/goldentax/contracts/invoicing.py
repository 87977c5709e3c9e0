"""What invoicing tells the others."""

from datetime import datetime

from goldentax.contracts.events import Event


class InvoiceIssuedV1(Event, frozen=True):
    """An invoice (发票) got its number; from here on it can be reversed, never changed."""

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

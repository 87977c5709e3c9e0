"""What oversight tells the others."""

from datetime import datetime

from goldentax.contracts.events import Event


class TrailSealedV1(Event, frozen=True):
    """
    A stretch of the audit trail (审计记录) was sealed into a block of the node's chain.

    Whoever keeps this has a witness outside the node's database: a chain that is later cut short or written anew does
    not lead to this hash.
    """

    node: str
    number: int
    hash: str  # SM3 of the block's head, 64 hexadecimal digits
    rows: int
    last_id: int
    sealed_at: datetime
    key_id: str
    signature: str  # SM2 over the hash, DER, hexadecimal

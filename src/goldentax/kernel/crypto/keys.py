"""The node's own signing key (税务机关签名密钥): made at first start, in the home folder, for its owner only."""

from functools import cache

from goldentax.kernel.crypto.sm import Signer
from goldentax.kernel.settings import settings


@cache
def node_signer() -> Signer:
    """The key with which this node signs receipts and documents."""
    return Signer.load_or_create(settings().home / "secrets" / f"node-{settings().node}.sm2")

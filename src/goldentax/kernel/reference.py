"""
Where reference material lies, if it is there at all.

Official tables and sample documents are not part of the product. Tests and imports look for them in the folder
named by ``GOLDENTAX_REFERENCE``, else in ``../shared/reference`` beside the checkout.
"""

import os
from pathlib import Path

_CHECKOUT = Path(__file__).resolve().parents[3]


def checkout_path(relative: str) -> Path:
    """Point at a file of the checkout, such as ``lawbook``."""
    return _CHECKOUT / relative


def reference_path(relative: str) -> Path | None:
    """Find one reference file or folder, or None where the material is absent."""
    root = os.environ.get("GOLDENTAX_REFERENCE")
    base = Path(root) if root else _CHECKOUT.parent / "shared" / "reference"
    path = base / relative
    return path if path.exists() else None

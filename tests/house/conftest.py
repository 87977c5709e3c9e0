"""The house checks import the tools of the house, which are no part of the installed product."""

import sys
from pathlib import Path

import pytest

_ROOT = Path(__file__).resolve().parents[2]
if str(_ROOT) not in sys.path:
    sys.path.insert(0, str(_ROOT))


@pytest.fixture(scope="session")
def root() -> Path:
    """The tree of the product."""
    return _ROOT

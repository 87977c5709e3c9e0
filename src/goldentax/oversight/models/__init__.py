"""Tables of oversight: the chain over the audit trail, and what was observed and judged at the doors."""

from goldentax.oversight.models.chain import Block
from goldentax.oversight.models.risk import (
    Assessment,
    Case,
    Device,
    FunctionUse,
    LookHour,
    PeerMeasure,
    SignIn,
)

__all__ = ["Assessment", "Block", "Case", "Device", "FunctionUse", "LookHour", "PeerMeasure", "SignIn"]

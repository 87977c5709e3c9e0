"""
Tables of invoicing. Invoices, heads and limit entries are added, never changed: a trigger in the database refuses else.

No foreign key leaves the module: sellers and buyers are kept by their taxpayer identifiers.
"""

from goldentax.invoicing.models.bulk import BulkItem, BulkJob
from goldentax.invoicing.models.desks import Desk, NumberBlock, NumberSeries, TreeHead
from goldentax.invoicing.models.invoices import FirstAnswer, Invoice, LogFollower, SearchText
from goldentax.invoicing.models.limits import (
    LimitAccount,
    LimitEntry,
    LimitGrant,
    LimitRequest,
    LimitReservation,
    PostedInvoice,
)
from goldentax.invoicing.models.papers import DocumentSignature, SavedDraft, VerificationCount
from goldentax.invoicing.models.witnesses import Cosignature, Witness

__all__ = [
    "BulkItem",
    "BulkJob",
    "Cosignature",
    "Desk",
    "DocumentSignature",
    "FirstAnswer",
    "Invoice",
    "LimitAccount",
    "LimitEntry",
    "LimitGrant",
    "LimitRequest",
    "LimitReservation",
    "LogFollower",
    "NumberBlock",
    "NumberSeries",
    "PostedInvoice",
    "SavedDraft",
    "SearchText",
    "TreeHead",
    "VerificationCount",
    "Witness",
]

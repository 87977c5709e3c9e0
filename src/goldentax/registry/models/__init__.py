"""Tables of the registry: offices, taxpayers with their history, catalogues, answered requests."""

from goldentax.registry.models.catalogue import Customer, Good
from goldentax.registry.models.offices import Office
from goldentax.registry.models.requests import AnsweredRequest
from goldentax.registry.models.taxpayers import Taxpayer, TaxpayerKindSpan, TaxpayerTaxKind

__all__ = [
    "AnsweredRequest",
    "Customer",
    "Good",
    "Office",
    "Taxpayer",
    "TaxpayerKindSpan",
    "TaxpayerTaxKind",
]

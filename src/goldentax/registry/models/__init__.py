"""Tables of the registry: taxpayers with their history, catalogues, answered requests."""

from goldentax.registry.models.catalogue import Customer, Good
from goldentax.registry.models.requests import AnsweredRequest
from goldentax.registry.models.taxpayers import Taxpayer, TaxpayerKindSpan, TaxpayerTaxKind

__all__ = [
    "AnsweredRequest",
    "Customer",
    "Good",
    "Taxpayer",
    "TaxpayerKindSpan",
    "TaxpayerTaxKind",
]

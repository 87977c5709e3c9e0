"""Invoicing as a Django app."""

from goldentax.kernel.module import ModuleConfig


class InvoicingConfig(ModuleConfig):
    name = "goldentax.invoicing"
    label = "invoicing"

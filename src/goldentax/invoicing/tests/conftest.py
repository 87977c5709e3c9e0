"""Fixtures of more than one file of tests."""

from goldentax.invoicing.tests.desk_samples import kept_world, tax_id

__all__ = ["kept_world", "tax_id"]

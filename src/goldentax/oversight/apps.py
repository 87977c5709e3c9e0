"""Oversight as a Django app."""

from goldentax.kernel.module import ModuleConfig


class OversightConfig(ModuleConfig):
    name = "goldentax.oversight"
    label = "oversight"

"""The Django app of the code tables."""

from goldentax.kernel.module import ModuleConfig


class CodesConfig(ModuleConfig):
    name = "goldentax.kernel.codes"
    label = "codes"

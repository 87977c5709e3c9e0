"""Identity as a Django app."""

from goldentax.kernel.module import ModuleConfig


class IdentityConfig(ModuleConfig):
    name = "goldentax.identity"
    label = "identity"

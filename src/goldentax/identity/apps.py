"""Identity as a Django app."""

from goldentax.kernel.module import ModuleConfig


class IdentityConfig(ModuleConfig):
    name = "goldentax.identity"
    label = "identity"
    default = True  # Django finds two configurations here, this and its base, and must be told which

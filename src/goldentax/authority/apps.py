"""Authority as a Django app."""

from goldentax.kernel.module import ModuleConfig


class AuthorityConfig(ModuleConfig):
    name = "goldentax.authority"
    label = "authority"

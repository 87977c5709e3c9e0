"""Signon as a Django app."""

from goldentax.kernel.module import ModuleConfig


class SignonConfig(ModuleConfig):
    name = "goldentax.signon"
    label = "signon"

"""The portal as a Django app."""

from goldentax.kernel.module import ModuleConfig


class PortalConfig(ModuleConfig):
    name = "goldentax.portal"
    label = "portal"

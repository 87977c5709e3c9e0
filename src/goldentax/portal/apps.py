"""The portal as a Django app."""

from goldentax.kernel.module import ModuleConfig


class PortalConfig(ModuleConfig):
    name = "goldentax.portal"
    label = "portal"
    default = True  # Django finds two configurations here, this and its base, and must be told which

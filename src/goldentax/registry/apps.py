"""The registry as a Django app."""

from goldentax.kernel.module import ModuleConfig


class RegistryConfig(ModuleConfig):
    """Registry (登记、主体信息): who the taxpayers are, at which office, in which kind, on which day."""

    name = "goldentax.registry"
    label = "registry"

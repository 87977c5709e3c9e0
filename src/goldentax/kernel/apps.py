"""The kernel as a Django app: audit and outbox tables, template tags, the page frame."""

from goldentax.kernel.module import ModuleConfig


class KernelConfig(ModuleConfig):
    name = "goldentax.kernel"
    label = "kernel"

"""The node as a Django app: health pages and the walk of everything registered."""

from goldentax.kernel.module import ModuleConfig


class NodeConfig(ModuleConfig):
    name = "goldentax.node"
    label = "node"

    def ready(self) -> None:
        """Nothing is found by name here: the node wires the others together in ``urls``."""

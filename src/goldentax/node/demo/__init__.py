"""The demo world: offices, 69 invented taxpayers, people, goods, customers and past invoices."""

from goldentax.node.demo.world import create_demo_world

__all__ = ["create_demo_world"]

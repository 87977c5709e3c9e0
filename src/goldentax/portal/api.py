"""The front door of the portal. Halls stand on top: only the node comes in here."""

from goldentax.portal.queries import find_help, list_refusals

__all__ = ["find_help", "list_refusals"]

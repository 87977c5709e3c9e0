"""The face of an invoice (票面) as drawing items: one layout that PDF, OFD and SVG share."""

from goldentax.invoicing.forms.face.pages import pages

__all__ = ["pages"]

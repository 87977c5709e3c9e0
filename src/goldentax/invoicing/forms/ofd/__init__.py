"""The OFD of one invoice (GB/T 33190): written with its XML inside, and read from whoever made it."""

from goldentax.invoicing.forms.ofd.reading import OfdFields, OfdLine, invoice_xml, read
from goldentax.invoicing.forms.ofd.writing import write

__all__ = ["OfdFields", "OfdLine", "invoice_xml", "read", "write"]

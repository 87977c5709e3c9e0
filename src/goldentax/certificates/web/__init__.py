"""Pages of the certificate centre, and what everybody fetches below ``/pki/``."""

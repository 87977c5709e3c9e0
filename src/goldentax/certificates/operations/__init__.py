"""Writes of the certificates: one transaction and one audit row each; the same request is done once."""

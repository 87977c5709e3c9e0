"""Writes of the registry: one transaction and one audit row each; the same request is done once."""

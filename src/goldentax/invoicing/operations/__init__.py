"""Writes of invoicing: each is one transaction, one audit row and one event, and safe to repeat by its request id."""

"""Decisions and arithmetic of an invoice: plain Python, no framework, no clock, no store."""

"""Decisions of the registry: plain Python, no framework, no clock, no store."""

"""Decisions of authority, without a database."""

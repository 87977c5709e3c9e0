"""Fixtures of the tests of authority's pages."""

from goldentax.authority.tests.officers import as_officer, ask_for, directory, staff

__all__ = ["as_officer", "ask_for", "directory", "staff"]

"""Decisions about subjects, without a database."""

"""Decisions about people and duties, without a database."""

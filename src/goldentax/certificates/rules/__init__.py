"""Decisions of certificates, without a database."""

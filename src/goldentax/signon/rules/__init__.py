"""Decisions of the OpenID Connect provider, without a database, a clock or a network."""

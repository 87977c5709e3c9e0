"""Decisions about the factors people sign in with, without a database."""

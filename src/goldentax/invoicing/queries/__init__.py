"""Reads of invoicing; everything a taxpayer sees is bound to the taxpayer acted for."""

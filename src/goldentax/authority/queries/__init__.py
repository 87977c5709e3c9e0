"""Reads of authority: offices, the catalogue, grants, decisions, who could."""

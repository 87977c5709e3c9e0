"""Writes of authority: offices, appointments, grants by request and approval."""

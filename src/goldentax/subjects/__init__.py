"""Subjects (主体): who and what exists in the nation, verified against its sources, once each."""

"""Reads of the certificates: kinds, authorities, what was issued, and whether to believe what somebody shows."""

"""
Give and end posts and function sets: asked for by one, decided by another, ended by who administers the office.

Every step locks the person it concerns, so that two steps at once cannot break together a segregation rule that each
keeps alone. What is checked when a grant is asked for is checked again when it is approved: in between, the world and
the approver are others. ``appoint`` is for the system itself (founding a world, importing): it asks for no approver,
but knows the same rules.
"""

from goldentax.authority.operations.grants.asking import appoint, request_grant
from goldentax.authority.operations.grants.deciding import approve_grant, refuse_grant, withdraw_grant
from goldentax.authority.operations.grants.ending import end_all_of_person, end_grant
from goldentax.authority.operations.grants.keeping import scope_key

__all__ = [
    "appoint",
    "approve_grant",
    "end_all_of_person",
    "end_grant",
    "refuse_grant",
    "request_grant",
    "scope_key",
    "withdraw_grant",
]

"""Tables of authority: offices, grants with their steps, the version of the policy."""

from goldentax.authority.models.grants import Grant, GrantStep
from goldentax.authority.models.offices import Office, OfficeChange
from goldentax.authority.models.policy import PolicyVersion

__all__ = ["Grant", "GrantStep", "Office", "OfficeChange", "PolicyVersion"]

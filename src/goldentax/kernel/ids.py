"""Public ids: time-ordered UUIDs (version 7, RFC 9562) that name things outside their own table."""

import uuid

import uuid_utils


def new_public_id() -> uuid.UUID:
    """Make a new id; ids made later sort later, so indexes on them grow at one end."""
    return uuid.UUID(int=uuid_utils.uuid7().int)

"""Whose certificates somebody sees and manages as a holder: their own, and those of the taxpayer they act for."""

from collections.abc import Collection

from goldentax.certificates.rules import profiles

OF_TAXPAYER = (profiles.TAXPAYER, profiles.ENCIPHERMENT)


def seen_holders(*, person_id: str, taxpayer_id: str) -> tuple[tuple[str, str], ...]:
    """The holders (kind, id) whose certificates are shown: everybody in a company may know which it has."""
    own = ((profiles.PERSON, person_id), (profiles.OFFICER, person_id)) if person_id else ()
    return own + (tuple((kind, taxpayer_id) for kind in OF_TAXPAYER) if taxpayer_id else ())


def managed_holders(
    *, person_id: str, taxpayer_id: str, duties: Collection[str], managing: Collection[str]
) -> tuple[tuple[str, str], ...]:
    """
    The holders for whom somebody may ask, renew and revoke.

    :param managing: codes of the duties that manage a taxpayer's certificates, by the lawbook.
    """
    seen = seen_holders(person_id=person_id, taxpayer_id=taxpayer_id)
    may = bool(set(duties) & set(managing))
    return tuple(one for one in seen if one[0] not in OF_TAXPAYER or may)

"""What the segregation of duties refused is written down after it was refused: somebody should look at who tried."""

import functools
from collections.abc import Callable
from typing import Any, TypeVar

from goldentax.authority import errors
from goldentax.authority.queries import grants as views
from goldentax.kernel.access import Actor
from goldentax.oversight import api as oversight

F = TypeVar("F", bound=Callable[..., Any])


def near_misses_noted(*, tried: str) -> Callable[[F], F]:
    """
    Let an operation on grants tell oversight what it refused because it would break the segregation of duties.

    Put it above ``transaction.atomic``: the refused transaction has been taken back by then, the note stays. Inside a
    caller's own transaction that is taken back, such as a preview, nothing stays and nothing should.

    :param tried: the action, ``module.noun.verb``.
    """

    def declare(act: F) -> F:
        @functools.wraps(act)
        def noted(**asked: Any) -> Any:
            try:
                return act(**asked)
            except errors.WouldBreakSegregation as refusal:
                by = asked["actor"]
                oversight.note_near_miss(
                    actor=by.label if isinstance(by, Actor) else by,
                    person_id=_whom(asked),
                    refusal=refusal.code,
                    tried=tried,
                    now=asked["now"],
                    request_id=asked.get("request_id", ""),
                )
                raise

        return noted  # type: ignore[return-value]

    return declare


def _whom(asked: dict[str, Any]) -> str:
    """The public id of the person whom the refused step was about."""
    if "person_id" in asked:
        return str(asked["person_id"])
    found = views.find_row(asked["grant_id"])
    assert found is not None, "a grant that was held against others is there"
    return str(found.person_id)

"""
Coded refusals: how the system says no.

A refusal is part of the business. It names the field, the rule and the way out, in both languages, under a
code that is never used again (``module-subject-number``). A bug is not a refusal and must not be made one.
"""

from collections.abc import Iterable, Iterator
from typing import Any, ClassVar

from goldentax.kernel.text import Text

_REGISTERED: dict[str, type["Refusal"]] = {}


class Refusal(Exception):
    """One thing that is not allowed, why, and what to do instead."""

    code: ClassVar[str] = ""
    title: ClassVar[Text] = Text("不能办理", "This cannot be done")
    way_out: ClassVar[Text] = Text("", "")
    status: ClassVar[int] = 422
    rule: ClassVar[str] = ""

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if not cls.code:
            return
        taken = _REGISTERED.get(cls.code)
        if taken is not None and (taken.__module__, taken.__qualname__) != (cls.__module__, cls.__qualname__):
            raise TypeError(f"refusal code {cls.code} is used by {taken.__qualname__} and {cls.__qualname__}")
        _REGISTERED[cls.code] = cls

    def __init__(self, field: str = "", **facts: object) -> None:
        super().__init__(field, facts)
        self.field = field
        self.facts = facts

    def message(self, language: str = "zh") -> str:
        return self.title.in_language(language).format(**self._facts_in(language))

    def way_out_text(self, language: str = "zh") -> str:
        return self.way_out.in_language(language).format(**self._facts_in(language))

    def _facts_in(self, language: str) -> dict[str, object]:
        """The facts as they are said: a :class:`Text` among them in the language of the sentence."""
        return {
            name: fact.in_language(language) if isinstance(fact, Text) else fact
            for name, fact in self.facts.items()
        }

    def __str__(self) -> str:
        return f"{self.code} {self.message('en')}" + (f" [{self.field}]" if self.field else "")

    def as_error(self, language: str = "zh") -> dict[str, Any]:
        """Describe this one refusal as plain values."""
        return {
            "code": self.code,
            "field": self.field,
            "rule": self.rule or self.code,
            "message": self.message(language),
            "way_out": self.way_out_text(language),
        }

    def as_problem(self, language: str = "zh") -> dict[str, Any]:
        """Describe it as problem details (RFC 9457), with every single refusal under ``errors``."""
        error = self.as_error(language)
        return {
            "type": f"urn:goldentax:refusal:{self.code}",
            "title": error["message"],
            "status": self.status,
            "detail": error["way_out"],
            "code": self.code,
            "field": self.field,
            "rule": error["rule"],
            "way_out": error["way_out"],
            "errors": [one.as_error(language) for one in self.each()],
        }

    def each(self) -> Iterator["Refusal"]:
        """Walk the single refusals in their order; a plain refusal is its own only one."""
        yield self


class Refusals(Refusal):
    """Several refusals of one request, in the order of their rules; the first one names the answer."""

    def __init__(self, refusals: Iterable[Refusal]) -> None:
        self.refusals = tuple(refusals)
        assert self.refusals, "an empty group of refusals says nothing"
        first = self.refusals[0]
        super().__init__(first.field, **first.facts)
        # The group answers with the first one's words; instance attributes shadow the class's on purpose.
        for name in ("code", "title", "way_out", "status", "rule"):
            setattr(self, name, getattr(first, name))

    def each(self) -> Iterator[Refusal]:
        yield from self.refusals


def raise_all(refusals: list[Refusal]) -> None:
    """Raise what was collected: nothing for none, the one itself, or a group."""
    if len(refusals) == 1:
        raise refusals[0]
    if refusals:
        raise Refusals(refusals)


def registered_refusals() -> dict[str, type[Refusal]]:
    """Every refusal class of the product by its code, for docs/refusals.md and the house checks; not the tests' own."""
    return {
        code: cls
        for code, cls in sorted(_REGISTERED.items())
        if cls.__module__.startswith("goldentax.") and ".tests." not in cls.__module__
    }

"""What the portal itself knows: refusal codes and the words of the bureau."""

import re
from dataclasses import dataclass

from goldentax.kernel import refusals
from goldentax.kernel.access import Actor
from goldentax.kernel.registry import Hit
from goldentax.portal.rules import guides

_FACT = re.compile(r"\{[^{}]*\}")


@dataclass(frozen=True, slots=True)
class RefusalMeaning:
    """A refusal as the catalogue shows it; facts of the single case stand as an ellipsis."""

    code: str
    title: str
    way_out: str
    status: int


def list_refusals(*, beginning: str, language: str) -> list[RefusalMeaning]:
    """Every refusal whose code begins so, by code."""
    return [
        RefusalMeaning(
            code=code,
            title=_FACT.sub("…", one.title.in_language(language)),
            way_out=_FACT.sub("…", one.way_out.in_language(language)),
            status=one.status,
        )
        for code, one in refusals.registered_refusals().items()
        if code.startswith(beginning)
    ]


def find_help(*, actor: Actor, text: str, limit: int) -> list[Hit]:
    """Look among the words of the bureau and the refusal codes."""
    wish = text.lower()
    hits = [
        Hit(
            title=f"{one.name.zh} {one.name.en}",
            sub=one.meaning.in_language(actor.language),
            url=f"/help/glossary#{one.anchor}",
        )
        for one in guides.TERMS
        if wish in one.name.zh or wish in one.name.en.lower()
    ]
    code = text.upper()
    if re.fullmatch(r"[A-Z]{3}-[A-Z0-9-]*", code):
        hits += [
            Hit(title=f"{one.code} {one.title}", sub=one.way_out, url=f"/help/refusals?code={one.code}")
            for one in list_refusals(beginning=code, language=actor.language)
        ]
    return hits[:limit]

"""A small picture of whom a subject stands in relation to: itself in the middle, the others on a ring."""

from dataclasses import dataclass
from math import cos, pi, sin

from goldentax.kernel.text import Text
from goldentax.subjects.models import Relation, Subject

NODES_MAX = 12
"""More would overlap; the table below the picture has them all."""

WIDTH, HEIGHT = 640, 360
_RADIUS_X, _RADIUS_Y = 235, 130
_NAME_LENGTH = 12


@dataclass(frozen=True, slots=True)
class Node:
    """One related subject in the picture."""

    x: int
    y: int
    label_x: int
    label_y: int
    name: str
    relation: Text
    url_id: str
    is_outward: bool  # the arrow points to it


def nodes_of(subject_id: object, *, relations: list[Relation], labels: dict[str, Text]) -> list[Node]:
    """Where the related subjects stand; one that stands in several relations stands there once."""
    by_other: dict[str, list[Relation]] = {}
    for one in relations:
        by_other.setdefault(str(_other(one, subject_id=subject_id).public_id), []).append(one)
    shown = list(by_other.values())[:NODES_MAX]
    return [
        _node(same, place=place, count=len(shown), subject_id=subject_id, labels=labels)
        for place, same in enumerate(shown)
    ]


def _other(relation: Relation, *, subject_id: object) -> Subject:
    is_outward = str(relation.from_subject.public_id) == str(subject_id)
    other: Subject = relation.to_subject if is_outward else relation.from_subject
    return other


def _node(
    same: list[Relation], *, place: int, count: int, subject_id: object, labels: dict[str, Text]
) -> Node:
    other = _other(same[0], subject_id=subject_id)
    angle = 2 * pi * place / count - pi / 2
    x, y = WIDTH // 2 + round(_RADIUS_X * cos(angle)), HEIGHT // 2 + round(_RADIUS_Y * sin(angle))
    name = other.name if len(other.name) <= _NAME_LENGTH else other.name[: _NAME_LENGTH - 1] + "…"
    said = [labels.get(one.kind, Text(one.kind, one.kind)) for one in same]
    return Node(
        x=x,
        y=y,
        label_x=(WIDTH // 2 + x) // 2,
        label_y=(HEIGHT // 2 + y) // 2,
        name=name,
        relation=Text("、".join(one.zh for one in said), ", ".join(one.en for one in said)),
        url_id=str(other.public_id),
        is_outward=other != same[0].from_subject,
    )

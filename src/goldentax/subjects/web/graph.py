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
    """Where the related subjects stand."""
    shown = relations[:NODES_MAX]
    return [
        _node(one, place=place, count=len(shown), subject_id=subject_id, labels=labels)
        for place, one in enumerate(shown)
    ]


def _node(relation: Relation, *, place: int, count: int, subject_id: object, labels: dict[str, Text]) -> Node:
    is_outward = str(relation.from_subject.public_id) == str(subject_id)
    other: Subject = relation.to_subject if is_outward else relation.from_subject
    angle = 2 * pi * place / count - pi / 2
    x, y = WIDTH // 2 + round(_RADIUS_X * cos(angle)), HEIGHT // 2 + round(_RADIUS_Y * sin(angle))
    name = other.name if len(other.name) <= _NAME_LENGTH else other.name[: _NAME_LENGTH - 1] + "…"
    return Node(
        x=x,
        y=y,
        label_x=(WIDTH // 2 + x) // 2,
        label_y=(HEIGHT // 2 + y) // 2,
        name=name,
        relation=labels.get(relation.kind, Text(relation.kind, relation.kind)),
        url_id=str(other.public_id),
        is_outward=is_outward,
    )

"""The base of all events, and their names on the wire: module.noun.past-verb.version."""

import re
from typing import Any

import msgspec

_TYPES: dict[str, type["Event"]] = {}


class Event(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Something that happened: frozen, ids and values only, unknown fields refused."""

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        _TYPES[event_type(cls)] = cls


def event_type(cls: type[Event]) -> str:
    """
    Name an event class on the wire.

    ``InvoicesIssuedV1`` in ``contracts/invoicing.py`` is ``invoicing.invoices.issued.v1``.
    """
    publisher = cls.__module__.rpartition(".")[2]
    words = re.findall(r"[A-Z][a-z]+|V\d+$", cls.__name__)
    noun, verb, version = "-".join(words[:-2]), words[-2], words[-1]
    return f"{publisher}.{noun}.{verb}.{version}".lower()


def event_types() -> dict[str, type[Event]]:
    """Every event class by its wire name."""
    return dict(sorted(_TYPES.items()))

"""
The 特定要素 blocks of the XML whose element names are known (FACTS §1.2), read and written in one place.

Blocks for 建筑服务, 货物运输, 不动产 and 机动车 have no published names; a file that carries one is read,
its block kept as it came and reported.
"""

from collections.abc import Callable

from lxml import etree

from goldentax.invoicing.forms.xml.delivered import OtherElement
from goldentax.invoicing.forms.xml.nodes import Node
from goldentax.invoicing.rules.drafts import PassengerDraft, RedReference, SpecificElement, TollDraft

_TOLL = {
    "plate_number": "PlateNumber",
    "vehicle_type": "VehicleType",
    "started_at": "StartDatesOfPassage",
    "ended_at": "EndDatesOfPassage",
}
_PASSENGER = {
    "traveller": "Traveler",
    "id_number": "ValidIDNumber",
    "id_kind": "TypeOfPassengerDocument",
    "travel_date": "TravelDate",
    "departure": "Departure",
    "destination": "Destination",
    "vehicle_kind": "Vehicletype",
    "grade": "Grade",
}
_RED = {"original_number": "OriginalInvoiceCode", "confirmation_number": "CreditNoteNumber"}

_BLOCKS: dict[str, tuple[Callable[..., SpecificElement], dict[str, str]]] = {
    "RedEInvoice": (RedReference, _RED),
    "Toll": (TollDraft, _TOLL),
    "PassengerTransportation": (PassengerDraft, _PASSENGER),
}
_BLOCK_OF = {RedReference: "RedEInvoice", TollDraft: "Toll", PassengerDraft: "PassengerTransportation"}
_KNOWN = {name.lower(): block for name, block in _BLOCKS.items()}


def read_specific(element: etree._Element) -> tuple[tuple[SpecificElement, ...], tuple[OtherElement, ...]]:
    """Read the children of one ``SpecificInformation``: the blocks known, and the others as they came."""
    known: list[SpecificElement] = []
    others: list[OtherElement] = []
    for block in Node(element).children():
        described = _KNOWN.get(block.name.lower())
        if described is None:
            fields = tuple((one.name, (one.element.text or "").strip()) for one in block.children())
            others.append(OtherElement(name=block.name, fields=fields))
            continue
        make, names = described
        values = {field: block.text(name) for field, name in names.items()}
        if any(values.values()):
            known.append(make(**values))
    return tuple(known), tuple(others)


def write_specific(elements: tuple[SpecificElement, ...]) -> list[tuple[str, list[tuple[str, str]]]]:
    """Describe the blocks to write: each block's name and its children in order, empty ones included."""
    described = []
    for one in elements:
        name = _BLOCK_OF[type(one)]
        fields = _BLOCKS[name][1]
        described.append((name, [(child, getattr(one, field)) for field, child in fields.items()]))
    return described

"""Writes a code table as the plain CSV that an import reads back unchanged."""

import csv
import json
from collections.abc import Iterable
from typing import TextIO

from goldentax.kernel.codes.entries import Code

HEADER = ("code", "name", "short_name", "parent", "level", "is_leaf", "description", "attributes")


def write_csv(*, codes: Iterable[Code], to: TextIO) -> int:
    """Write the codes in their order and tell how many there were."""
    writer = csv.writer(to, lineterminator="\n")
    writer.writerow(HEADER)
    count = 0
    for one in codes:
        attributes = json.dumps(one.attributes, ensure_ascii=False, sort_keys=True) if one.attributes else ""
        row = (one.code, one.name, one.short_name, one.parent, one.level, int(one.is_leaf), one.description)
        writer.writerow((*row, attributes))
        count += 1
    return count

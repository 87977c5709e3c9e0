"""Writes of oversight: blocks over the trail, judgements at the doors, cases; and the search that notes itself."""

from goldentax.oversight.operations.cases import handle_case
from goldentax.oversight.operations.continuing import continue_count
from goldentax.oversight.operations.devices import forget_device
from goldentax.oversight.operations.judging import (
    assess_look,
    assess_privileged,
    assess_sign_in,
    note_sign_in,
    raise_alarm,
    reasons_text,
)
from goldentax.oversight.operations.measuring import measure_peers
from goldentax.oversight.operations.sealing import seal
from goldentax.oversight.operations.searching import (
    export_trail_for,
    get_entry_for,
    note_near_miss,
    note_verification,
    read_report_for,
    search_trail_for,
)

__all__ = [
    "assess_look",
    "assess_privileged",
    "assess_sign_in",
    "continue_count",
    "export_trail_for",
    "forget_device",
    "get_entry_for",
    "handle_case",
    "measure_peers",
    "note_near_miss",
    "note_sign_in",
    "note_verification",
    "raise_alarm",
    "read_report_for",
    "reasons_text",
    "seal",
    "search_trail_for",
]

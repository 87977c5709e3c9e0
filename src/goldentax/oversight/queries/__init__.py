"""Reads of oversight: the chain verified, the trail searched, behaviour and power reported."""

from goldentax.oversight.queries.cases import CasePage, CaseView, count_open_cases, get_case, list_cases
from goldentax.oversight.queries.chain_state import ChainState, chain_state, is_proof, prove_entry
from goldentax.oversight.queries.names import People, find_person, names_of, people_known_by
from goldentax.oversight.queries.people import DeviceView, OwnEvent, list_devices, list_own_events
from goldentax.oversight.queries.reports import csv_value, get_report, list_reports, offer_report, report_csv
from goldentax.oversight.queries.trail import (
    EntryView,
    TrailEntry,
    TrailPage,
    find_block,
    get_entry,
    search_trail,
)
from goldentax.oversight.queries.verifying import (
    ChainReport,
    Finding,
    PublishedHead,
    list_heads,
    read_heads,
    verify_chain,
)

__all__ = [
    "CasePage",
    "CaseView",
    "ChainReport",
    "ChainState",
    "DeviceView",
    "EntryView",
    "Finding",
    "OwnEvent",
    "People",
    "PublishedHead",
    "TrailEntry",
    "TrailPage",
    "chain_state",
    "count_open_cases",
    "csv_value",
    "find_block",
    "find_person",
    "get_case",
    "get_entry",
    "get_report",
    "is_proof",
    "list_cases",
    "list_devices",
    "list_heads",
    "list_own_events",
    "list_reports",
    "names_of",
    "offer_report",
    "people_known_by",
    "prove_entry",
    "read_heads",
    "report_csv",
    "search_trail",
    "verify_chain",
]

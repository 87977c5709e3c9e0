"""
What is asked of a source of truth (核验数据源), and what it may answer.

A source says whether what was claimed is what it has on record. It never hands out personal data: for a person it
tells which claim is wrong, not what would be right. For a company it tells what everybody may read in the public
register.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from goldentax.kernel.text import Text
from goldentax.subjects.rules import credentials, kinds, names

MARKET_REGULATOR = "market_regulator"
PUBLIC_SECURITY = "public_security"
LABELS: dict[str, Text] = {
    MARKET_REGULATOR: Text("市场监管部门", "the market regulator"),
    PUBLIC_SECURITY: Text("公安部门", "public security"),
}

MATCH = "match"
MISMATCH = "mismatch"
NOT_FOUND = "not_found"
AWAY = "away"
ANSWERS = (MATCH, MISMATCH, NOT_FOUND, AWAY)
ANSWER_NAMES: dict[str, Text] = {
    MATCH: Text("一致", "Agrees"),
    MISMATCH: Text("不一致", "Disagrees"),
    NOT_FOUND: Text("查无此号", "Not on record"),
    AWAY: Text("未应答", "No answer"),
}
FIELD_NAMES: dict[str, Text] = {
    "name": Text("名称（姓名）", "name"),
    "representative_name": Text("法定代表人姓名", "legal representative"),
    "representative_id_card": Text("法定代表人身份证号码", "legal representative's identity card"),
    "status": Text("登记状态", "state of registration"),
    "address": Text("住所", "address"),
}

OPEN = "open"
CLOSED = frozenset({"cancelled", "revoked"})
"""States of a company at the market regulator in which it lives no longer (注销、吊销)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """One question: this number, and what is claimed of it."""

    credential: str  # one of credentials.NAMES
    number: str  # tidied
    at: datetime  # when it is asked
    claims: Mapping[str, str] = field(
        default_factory=dict
    )  # by the names in FIELD_NAMES; empty: only look up


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a source said."""

    verdict: str  # one of ANSWERS
    fields: tuple[str, ...] = ()  # the claims that are wrong
    facts: Mapping[str, str] = field(default_factory=dict)  # public facts of a company; of people always none
    reference: str = ""  # the source's own number of this answer

    @property
    def is_closed(self) -> bool:
        """Whether the source says that the company is cancelled or revoked."""
        return self.facts.get("status", OPEN) in CLOSED


class Source(Protocol):
    """One source of truth. An answer that does not come in time is :data:`AWAY`, never an exception."""

    key: str

    def ask(self, query: Query) -> Answer: ...


def source_of(kind: str) -> str:
    """Which source knows subjects of a kind; "" for those nobody outside knows (devices)."""
    if kind in kinds.PEOPLE:
        return PUBLIC_SECURITY
    return "" if kind == kinds.DEVICE else MARKET_REGULATOR


def compare(*, record: Mapping[str, str], query: Query) -> Answer:
    """
    Hold claims against a record, as the sources themselves do it.

    A company that lives no longer disagrees whatever was claimed.
    """
    wrong = [
        name
        for name, claimed in query.claims.items()
        if claimed and not _fits(name, claimed, record.get(name, ""))
    ]
    is_company = query.credential == credentials.USCC
    if is_company and record.get("status", OPEN) in CLOSED:
        wrong.append("status")
    facts = {name: record[name] for name in PUBLIC_FACTS if record.get(name)} if is_company else {}
    return Answer(verdict=MISMATCH if wrong else MATCH, fields=tuple(wrong), facts=facts)


PUBLIC_FACTS = (
    "name",
    "representative_name",
    "status",
    "address",
    "division",
    "economic_type",
    "industry",
    "established",
)
"""What the public register of companies (企业信用信息公示) tells everybody."""


def _fits(name: str, claimed: str, recorded: str) -> bool:
    if name == "representative_id_card":
        return credentials.tidied(claimed) == recorded
    return names.is_same(claimed, recorded)


def fields_text(fields: tuple[str, ...]) -> Text:
    """The names of some claims as one text of both languages."""
    texts = [FIELD_NAMES.get(name, Text(name, name)) for name in fields] or [Text("号码", "number")]
    return Text("、".join(one.zh for one in texts), ", ".join(one.en for one in texts))

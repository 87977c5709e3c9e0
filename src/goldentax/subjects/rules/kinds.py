"""
What a subject (主体) is, and the stations of its life.

A subject is collected, verified against a source, gets its network identity number, changes by versions, is
cancelled and at last archived. :data:`NEXT` is the whole of what may follow what.
"""

from goldentax.kernel.text import Text
from goldentax.subjects import errors

LEGAL_ENTITY = "legal_entity"
NATURAL_PERSON = "natural_person"
OFFICER = "officer"
AGENCY = "agency"
DEVICE = "device"

KIND_NAMES: dict[str, Text] = {
    LEGAL_ENTITY: Text("单位", "Legal entity"),
    NATURAL_PERSON: Text("自然人", "Natural person"),
    OFFICER: Text("税务人员", "Tax officer"),
    AGENCY: Text("涉税中介", "Agency"),
    DEVICE: Text("设备", "Device"),
}
PEOPLE = frozenset({NATURAL_PERSON, OFFICER})
"""Kinds whose name and numbers are personal data (个人信息保护法)."""

COLLECTED = "collected"
VERIFYING = "verifying"
VERIFIED = "verified"
MISMATCH = "mismatch"
UNVERIFIABLE = "unverifiable"
DISPUTED = "disputed"
CANCELLED = "cancelled"
ARCHIVED = "archived"

STATUS_NAMES: dict[str, Text] = {
    COLLECTED: Text("已采集", "Collected"),
    VERIFYING: Text("核验中", "Being verified"),
    VERIFIED: Text("已核验", "Verified"),
    MISMATCH: Text("核验不一致", "Contradicted by its source"),
    UNVERIFIABLE: Text("数据源未应答", "Source did not answer"),
    DISPUTED: Text("存疑", "Disputed"),
    CANCELLED: Text("已注销", "Cancelled"),
    ARCHIVED: Text("已归档", "Archived"),
}

NEXT: dict[str, frozenset[str]] = {
    COLLECTED: frozenset({VERIFYING, CANCELLED}),
    VERIFYING: frozenset({VERIFIED, MISMATCH, UNVERIFIABLE, COLLECTED}),
    UNVERIFIABLE: frozenset({VERIFYING, CANCELLED}),
    MISMATCH: frozenset({VERIFYING, CANCELLED}),
    VERIFIED: frozenset({DISPUTED, CANCELLED}),
    DISPUTED: frozenset({VERIFIED, CANCELLED}),
    CANCELLED: frozenset({ARCHIVED}),
    ARCHIVED: frozenset(),
}
LIVING = frozenset(NEXT) - {CANCELLED, ARCHIVED, MISMATCH}
"""
Those who hold their credential: nobody else may have the same number.

A subject that its source contradicted holds none. Otherwise whoever types another's number first, with any name,
would keep its owner out.
"""

TONES = {VERIFIED: "done", MISMATCH: "wrong", DISPUTED: "wrong", UNVERIFIABLE: "wait", VERIFYING: "wait"}


VERSION_REASONS: dict[str, Text] = {
    "collected": Text("采集", "Collected"),
    "source": Text("数据源补充", "Told by its source"),
    "change": Text("变更", "Changed"),
    "merge": Text("合并补充", "Merged"),
}
"""Why a subject has a version."""


def check_step(*, present: str, wanted: str) -> None:
    """
    Let a subject go on to a station.

    :raises errors.WrongStation: if that one does not follow the present one.
    """
    if wanted not in NEXT[present]:
        raise errors.WrongStation("status", present=STATUS_NAMES[present], wanted=STATUS_NAMES[wanted])


def kind_name(kind: str) -> Text:
    """A kind in words; the bare code where there is none."""
    return KIND_NAMES.get(kind, Text(kind, kind))


def status_name(status: str) -> Text:
    """A station in words; the bare code where there is none."""
    return STATUS_NAMES.get(status, Text(status, status))

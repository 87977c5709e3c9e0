"""The entries of the catalogue: functions, sets of them, duties, posts, and what must not be in one hand."""

from dataclasses import dataclass

from goldentax.kernel.text import Text

SYSTEM, CENTRE, PAGE, ACT, FIELD = "system", "centre", "page", "act", "field"
KINDS = (SYSTEM, CENTRE, PAGE, ACT, FIELD)
OFFICE_PARTY, TAXPAYER_PARTY = "office", "taxpayer"


@dataclass(frozen=True, slots=True, kw_only=True)
class Function:
    """A node of the function tree (功能树): a heading, or a function (功能) that may be granted."""

    code: str  # dotted; the parent is the code before the last dot
    label: Text
    kind: str  # one of KINDS
    sensitive: bool = False  # asks for two factors
    self_service: bool = False  # everybody has it for themselves

    @property
    def parent(self) -> str:
        return self.code.rpartition(".")[0]

    @property
    def is_heading(self) -> bool:
        return self.kind in (SYSTEM, CENTRE)


@dataclass(frozen=True, slots=True, kw_only=True)
class FunctionSet:
    """A function set (功能集): what is granted together."""

    code: str
    label: Text
    kind: str  # business, administration, security, audit, taxpayer
    functions: tuple[
        str, ...
    ]  # codes; a heading stands for everything below it, * for any word between two dots


@dataclass(frozen=True, slots=True, kw_only=True)
class Duty:
    """A duty (职责) of an office's post, or of a person for a taxpayer (办税身份)."""

    code: str
    label: Text
    party: str  # office or taxpayer
    function_sets: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """A post (岗位) that offices of some levels have."""

    code: str
    label: Text
    levels: tuple[str, ...]
    duties: tuple[str, ...]
    gives: tuple[str, ...] = ()  # kinds of function sets, or sets, it may hand on without using them


@dataclass(frozen=True, slots=True, kw_only=True)
class SegregationRule:
    """Two sides that must not be in one hand (不相容职责)."""

    code: str
    label: Text
    left: tuple[
        str, ...
    ]  # functions; a heading or a * stands for acts and fields only: looking is no conflict
    right: tuple[str, ...]

"""The sentences in which a decision explains itself."""

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from goldentax.authority.rules.values import Reason
from goldentax.kernel.clock import CHINA
from goldentax.kernel.text import Text

if TYPE_CHECKING:
    from goldentax.authority.rules.deciding import Held


def nobody() -> Reason:
    """Nobody asks."""
    return Reason("nobody", Text("未登录", "nobody is signed in"))


def unknown_function(function: str) -> Reason:
    """The function is not in the tree."""
    return Reason(
        "unknown-function",
        Text("功能树中没有 {function}", "there is no function {function} in the tree"),
        {"function": function},
    )


def self_service() -> Reason:
    """Everybody has it for themselves."""
    return Reason(
        "self-service", Text("每个登录的人都可为自己办理", "everybody signed in may, for themselves")
    )


def held_through(name: Text, line: "Held", function: Text) -> Reason:
    """A holding opens it."""
    return Reason(
        "held",
        Text(
            "通过“{name}”持有“{function}”，范围 {scope}",
            "“{function}” is held through “{name}”, reaching {scope}",
        ),
        {"name": name, "function": function, "scope": _scope(line), "reference": str(line.reference)},
    )


def not_held(function: Text) -> Reason:
    """No holding carries it."""
    return Reason(
        "not-held",
        Text("没有任何岗位、授权或办税身份含有“{function}”", "no post, grant or duty carries “{function}”"),
        {"function": function},
    )


def other_identity(name: Text) -> Reason:
    """The holding belongs to another identity."""
    return Reason(
        "other-identity",
        Text("“{name}”须切换到相应身份后使用", "“{name}” is used in another identity than the present one"),
        {"name": name},
    )


def not_yet(name: Text, begins: int) -> Reason:
    """The holding begins later."""
    return Reason(
        "not-yet",
        Text("“{name}”自 {at} 起生效", "“{name}” begins at {at}"),
        {"name": name, "at": _said(begins)},
    )


def over(name: Text, ends: int) -> Reason:
    """The holding has ended."""
    return Reason(
        "over", Text("“{name}”已于 {at} 终止", "“{name}” ended at {at}"), {"name": name, "at": _said(ends)}
    )


def outside_office(name: object, office: str, asked: str) -> Reason:
    """The object lies in another office."""
    return Reason(
        "outside-office",
        Text(
            "“{name}”只及于机关 {office} 及其下级，对象属于 {asked}",
            "“{name}” reaches the office {office} and below; the object lies in {asked}",
        ),
        {"name": name, "office": office, "asked": asked or "—"},
    )


def outside_taxpayers(name: object, taxpayer: str) -> Reason:
    """The object belongs to another taxpayer."""
    return Reason(
        "outside-taxpayers",
        Text("“{name}”不及于纳税人 {taxpayer}", "“{name}” does not reach the taxpayer {taxpayer}"),
        {"name": name, "taxpayer": taxpayer or "—"},
    )


def outside_fields(name: object, field: str) -> Reason:
    """The field is not among those opened."""
    return Reason(
        "outside-fields",
        Text("“{name}”不含字段 {field}", "“{name}” does not open the field {field}"),
        {"name": name, "field": field},
    )


def segregated(name: Text, rule: Text) -> Reason:
    """Something held earlier must not meet this in one hand."""
    return Reason(
        "segregated",
        Text(
            "与更早持有的职责不相容，“{name}”不得使用：{rule}",
            "“{name}” must not be used beside what was held before it: {rule}",
        ),
        {"name": name, "rule": rule},
    )


def condition_fails(label: Text) -> Reason:
    """Something besides a grant is missing."""
    return Reason(
        "condition-fails", Text("条件不满足：{label}", "a condition is not met: {label}"), {"label": label}
    )


def condition_holds(label: Text) -> Reason:
    """Something besides a grant was asked, and is true."""
    return Reason(
        "condition-holds", Text("条件满足：{label}", "a condition is met: {label}"), {"label": label}
    )


def _scope(line: "Held") -> Text:
    zh, en = line.office or "不限机关", line.office or "any office"
    if line.taxpayers:
        zh, en = f"{zh}，{len(line.taxpayers)} 户纳税人", f"{en}, {len(line.taxpayers)} taxpayers"
    if line.fields:
        zh, en = f"{zh}，{len(line.fields)} 个字段", f"{en}, {len(line.fields)} fields"
    return Text(zh, en)


def _said(at: int) -> str:
    moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=at)
    return f"{moment.astimezone(CHINA):%Y-%m-%d %H:%M}"

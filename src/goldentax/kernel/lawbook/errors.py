"""
Refusals of the lawbook. Those about its files name the file and the place in it, for whoever edits the law.
"""

from goldentax.kernel.refusals import Refusal
from goldentax.kernel.text import Text


class BadLaw(Refusal):
    """A file of the lawbook breaks a rule of how law is written; ``rule`` says which, in one word."""

    code = "KRN-LAW-01"
    status = 500
    title = Text("法规数据有误（{place}）：{reason_zh}", "The lawbook is wrong at {place}: {reason_en}")
    way_out = Text(
        "请更正该处；写法见 lawbook/README.md。",
        "Correct that place; lawbook/README.md says how it is written.",
    )

    def __init__(self, *, place: str, rule: str, reason: Text) -> None:
        super().__init__(place, place=place, reason_zh=reason.zh, reason_en=reason.en)
        # The single kinds of mistake share a code, as people mend them all in the same way; tests tell them
        # apart.
        self.rule = rule  # type: ignore[misc]


class UnknownFact(Refusal):
    """The lawbook has no parameter or table of that name."""

    code = "KRN-LAW-02"
    status = 500
    title = Text("法规数据中没有“{path}”", "The lawbook has no “{path}”")
    way_out = Text("请核对名称；相近的有：{near}。", "Check the name; close to it are: {near}.")


class MissingFact(Refusal):
    """
    The fact has no value on that day: the law did not know it yet, no longer does, or nobody could find it.
    """

    code = "KRN-LAW-03"
    title = Text("“{path}”在 {on} 没有取值：{why}", "“{path}” has no value on {on}: {why}")
    way_out = Text(
        "请核对日期，或在法规数据中补充带依据的取值。",
        "Check the date, or add a value with its basis to the lawbook.",
    )


class UnknownRunner(Refusal):
    """A case asks for a runner that no module offers."""

    code = "KRN-LAW-04"
    status = 500
    title = Text(
        "案例（{place}）要求的“{run}”不存在", "The case at {place} asks for “{run}”, which nobody runs"
    )
    way_out = Text(
        "可用的有：{known}；各模块在 rules/cases.py 的 RUNNERS 中登记。",
        "There are: {known}; a module names its own in RUNNERS of rules/cases.py.",
    )

"""Refusals of bulk loads and of the review list."""

from goldentax.kernel.refusals import Refusal
from goldentax.kernel.text import Text


class UnreadableFile(Refusal):
    """The file is no table that can be read."""

    code = "SUB-LOD-01"
    title = Text("无法读取文件：{reason_zh}", "The file cannot be read: {reason_en}")
    way_out = Text(
        "请上传 UTF-8 或 GB18030 编码的 CSV，或 XLSX；首行为列名",
        "Send CSV in UTF-8 or GB18030, or XLSX, with column names in the first row",
    )


class FileTooLarge(Refusal):
    """The file has too many bytes or rows."""

    code = "SUB-LOD-02"
    status = 413
    title = Text(
        "文件过大：最多 {rows_max} 行、{mib_max} MiB",
        "The file is too large: {rows_max} rows and {mib_max} MiB at most",
    )
    way_out = Text("请分成几个文件", "Split it into several files")


class MissingColumns(Refusal):
    """A file lacks columns that every row needs."""

    code = "SUB-LOD-03"
    title = Text("文件缺少列：{columns}", "The file lacks the columns {columns}")
    way_out = Text("首行须含：{needed}", "Its first row must hold: {needed}")


class UnknownLoad(Refusal):
    """There is no such load."""

    code = "SUB-LOD-04"
    status = 404
    title = Text("没有这个批次", "There is no such load")
    way_out = Text("请从批次列表中选择", "Choose one from the list")


class LoadNotReady(Refusal):
    """The load is not where it can do that."""

    code = "SUB-LOD-05"
    status = 409
    title = Text("批次当前为“{state}”，不能办理", "The load is “{state}” and cannot do that")
    way_out = Text("请等待处理完成后再试", "Wait until it is done with what it does")


class RowLacks(Refusal):
    """A row of a load lacks a value."""

    code = "SUB-LOD-11"
    title = Text("缺少{columns}", "The row lacks {columns}")
    way_out = Text("请补全后重新提交该行", "Complete the row and send it again")


class RowIsRepeated(Refusal):
    """A person decided that a row is not taken: it says again, and wrongly, what is there."""

    code = "SUB-LOD-12"
    title = Text("人工复核退回：与已有记录重复", "Rejected in review: it repeats what is on record")
    way_out = Text(
        "如应为另一主体，请更正后重新提交该行", "If it is another subject, correct the row and send it again"
    )


class UnknownReview(Refusal):
    """There is no such entry in the review list."""

    code = "SUB-REV-01"
    status = 404
    title = Text("没有这个复核事项", "There is no such entry in the review list")
    way_out = Text("请刷新复核列表", "Reload the review list")


class AlreadyDecided(Refusal):
    """The entry was decided before."""

    code = "SUB-REV-02"
    status = 409
    title = Text("该事项已判定为“{decision}”", "That entry was decided already: “{decision}”")
    way_out = Text("如判定有误，请在主体页面办理变更", "If the decision was wrong, change the subject itself")


class BadDecision(Refusal):
    """The decision is none of those the entry offers."""

    code = "SUB-REV-03"
    title = Text("请选择一种判定", "Choose one of the decisions")
    way_out = Text("可选：{known}", "Choose from: {known}")

"""Refusals of the code tables: about a file, about one row of it, about a whole import, about a look-up."""

from goldentax.kernel.refusals import Refusal
from goldentax.kernel.text import Text


class NotText(Refusal):
    """The file is not UTF-8."""

    code = "COD-FIL-01"
    title = Text("文件 {file} 不是 UTF-8 编码（第 {line} 行）", "The file {file} is not UTF-8 (line {line})")
    way_out = Text("请另存为 UTF-8 编码后重试。", "Save it as UTF-8 and try again.")


class UnknownFormat(Refusal):
    """The header is none that is known."""

    code = "COD-FIL-02"
    title = Text(
        "文件 {file} 的表头“{header}”不认识",
        "The header “{header}” of the file {file} is not one that is known",
    )
    way_out = Text(
        "请使用表头 code,name[,short_name,parent,is_leaf,description,attributes]，并用 --table 指明代码表。",
        "Use the header code,name[,short_name,parent,is_leaf,description,attributes] and give --table.",
    )


class NothingInside(Refusal):
    """The file has no row."""

    code = "COD-FIL-03"
    title = Text("文件 {file} 没有数据行", "The file {file} has no rows")
    way_out = Text("请检查文件是否完整。", "See whether the file is whole.")


class BrokenFile(Refusal):
    """The file cannot be taken apart at some line."""

    code = "COD-FIL-04"
    title = Text(
        "文件 {file} 第 {line} 行无法解析：{reason}", "Line {line} of {file} cannot be read: {reason}"
    )
    way_out = Text(
        "请更正该行的引号、分隔符或列数。", "Mend the quotes, separators or number of columns there."
    )


class TooLarge(Refusal):
    """The file is larger than any code table."""

    code = "COD-FIL-05"
    title = Text("文件 {file} 超过上限 {limit}", "The file {file} is larger than {limit}")
    way_out = Text("请拆分后分别导入。", "Split it and import the parts.")


class TableNotNamed(Refusal):
    """The header does not tell which table the rows belong to."""

    code = "COD-FIL-06"
    title = Text(
        "无法从表头判断文件 {file} 属于哪个代码表", "The header of {file} does not tell its code table"
    )
    way_out = Text("请用 --table 指明代码表。", "Name the table by --table.")


class NoFile(Refusal):
    """The file cannot be opened."""

    code = "COD-FIL-07"
    title = Text("文件 {file} 无法打开：{reason}", "The file {file} cannot be opened: {reason}")
    way_out = Text("请核对路径与权限。", "Check the path and its permissions.")


class CodeMissing(Refusal):
    """A row has no code, or one with spaces or signs that no code has."""

    code = "COD-ROW-01"
    title = Text(
        "第 {line} 行 code 列的代码“{value}”无效", "Line {line}, column code: “{value}” is not a code"
    )
    way_out = Text(
        "代码为 1 至 60 个字母、数字、汉字或 - _ . / ，不含空格。",
        "A code has 1 to 60 letters, digits or - _ . / and no spaces.",
    )


class NameMissing(Refusal):
    """A row has no name."""

    code = "COD-ROW-02"
    title = Text(
        "第 {line} 行 name 列为空（代码 {value}）", "Line {line}, column name: the code {value} has no name"
    )
    way_out = Text("请填写名称。", "Fill in the name.")


class CodeTwice(Refusal):
    """A code stands twice in one import."""

    code = "COD-ROW-03"
    title = Text(
        "第 {line} 行 code 列的代码 {value} 与第 {other} 行重复",
        "Line {line}, column code: {value} stands on line {other} already",
    )
    way_out = Text("请删除重复的一行。", "Remove one of the two.")


class ParentUnknown(Refusal):
    """A row's parent is not among the rows."""

    code = "COD-ROW-04"
    title = Text(
        "第 {line} 行 parent 列的上级代码“{value}”不存在",
        "Line {line}, column parent: there is no code “{value}”",
    )
    way_out = Text(
        "请补充上级代码，或将含有它的文件一并导入。",
        "Add the parent, or import the file that has it together with this one.",
    )


class ParentCircle(Refusal):
    """A code is its own ancestor."""

    code = "COD-ROW-05"
    title = Text(
        "第 {line} 行 parent 列：代码 {value} 的上级又回到自身",
        "Line {line}, column parent: the parents of {value} lead back to it",
    )
    way_out = Text("请更正上级代码。", "Correct the parent.")


class TextTooLong(Refusal):
    """A field is longer than its column."""

    code = "COD-ROW-06"
    title = Text(
        "第 {line} 行 {column} 列超过 {limit} 字", "Line {line}, column {column}: over {limit} characters"
    )
    way_out = Text("请缩短该内容。", "Shorten it.")


class BadField(Refusal):
    """A flag is not 0 or 1, or attributes are not a JSON object."""

    code = "COD-ROW-07"
    title = Text(
        "第 {line} 行 {column} 列的值“{value}”无效",
        "Line {line}, column {column}: “{value}” is not a value it can have",
    )
    way_out = Text(
        "is_leaf 为 0 或 1，attributes 为 JSON 对象，文字不含控制字符。",
        "is_leaf is 0 or 1, attributes a JSON object, and texts have no control characters.",
    )


class LeafHasChildren(Refusal):
    """A row says it is the last level, another names it as its parent."""

    code = "COD-ROW-08"
    title = Text(
        "第 {line} 行 is_leaf 列：代码 {value} 标为末级，但有下级",
        "Line {line}, column is_leaf: {value} is marked as a leaf but has children",
    )
    way_out = Text("请将 is_leaf 改为 0。", "Set is_leaf to 0.")


class TableChangedLater(Refusal):
    """The table has a version that begins or ends after the day of the import."""

    code = "COD-IMP-01"
    title = Text(
        "代码表 {table} 在 {later} 已有变更，不能再导入自 {valid_from} 起的版本",
        "The table {table} changes on {later} already; a version from {valid_from} cannot be put before it",
    )
    way_out = Text("请将生效日期定为 {later} 或以后。", "Let it begin on {later} or later.")


class BadTableName(Refusal):
    """The name of a table is not one."""

    code = "COD-IMP-02"
    title = Text("“{table}”不能作代码表名", "“{table}” cannot be the name of a code table")
    way_out = Text(
        "表名以小写字母开头，由字母、数字、下划线组成，不超过 60 字。",
        "A name starts with a lower-case letter and has letters, digits and underscores, at most 60.",
    )


class UnknownTable(Refusal):
    """There is no such code table."""

    code = "COD-TAB-01"
    status = 404
    title = Text("没有代码表“{table}”", "There is no code table “{table}”")
    way_out = Text(
        "“goldentax codes list” 或 GET /codes 列出全部代码表。",
        "“goldentax codes list” or GET /codes lists them all.",
    )


class UnknownCode(Refusal):
    """The table has no such code on that day."""

    code = "COD-TAB-02"
    status = 404
    title = Text(
        "代码表 {table} 在 {on} 没有代码“{value}”", "The table {table} has no code “{value}” on {on}"
    )
    way_out = Text("请核对代码与日期，或按名称查找。", "Check the code and the day, or search by name.")


class BadCursor(Refusal):
    """The cursor of a page is not one that was given out."""

    code = "COD-TAB-03"
    title = Text("翻页标记无效", "The cursor is not valid")
    way_out = Text("请从第一页重新查询。", "Start again from the first page.")


class BadBuiltin(Refusal):
    """A built-in table is described wrongly in the lawbook."""

    code = "COD-BLT-01"
    status = 500
    title = Text(
        "内置代码表的说明有误（{place}）：{reason}",
        "The built-in tables are described wrongly at {place}: {reason}",
    )
    way_out = Text("请更正 lawbook/codes。", "Correct lawbook/codes.")

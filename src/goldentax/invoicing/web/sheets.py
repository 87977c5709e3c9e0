"""
Lines from a spreadsheet: pasted cells, or a file (XLSX, XLS, ODS, CSV).

A first row that names columns says what each holds, in any order; without one the columns run on from the cell that
was pasted into, in the order of the grid. Cells stay texts: the rules judge them like typed ones.
"""

import csv
import io
import re
from dataclasses import replace
from decimal import Decimal
from typing import Any

from goldentax.invoicing import errors
from goldentax.invoicing.web.forms import ON, TypedLine
from goldentax.kernel.refusals import Refusal
from goldentax.kernel.text import Text

ROWS_MAX = 2_000
"""More than an invoice can have; the rest is refused, not cut off."""
FILE_BYTES_MAX = 4 * 1024 * 1024

COLUMNS = ("name", "tax_code", "specification", "unit", "quantity", "unit_price", "amount", "rate")
"""The order of the grid."""

_HEADS = {
    "name": ("项目名称", "货物或应税劳务、服务名称", "商品名称", "名称", "品名", "name", "item"),
    "tax_code": (
        "税收分类编码",
        "商品和服务税收编码",
        "商品编码",
        "税收编码",
        "编码",
        "tax code",
        "tax_code",
        "code",
    ),
    "specification": ("规格型号", "规格", "型号", "specification", "spec"),
    "unit": ("单位", "计量单位", "unit"),
    "quantity": ("数量", "quantity", "qty"),
    "unit_price": ("单价", "不含税单价", "含税单价", "unit price", "unit_price", "price"),
    "amount": ("金额", "不含税金额", "含税金额", "amount"),
    "rate": ("税率", "税率/征收率", "征收率", "rate", "tax rate"),
    "discount": ("折扣金额", "折扣", "折扣额", "discount"),
}
_FIELD_OF = {head: field for field, heads in _HEADS.items() for head in heads}


class UnreadableSheet(Refusal):
    """The file is not a spreadsheet, or holds no lines."""

    code = "INV-SHT-01"
    title = Text("无法从文件中读出明细：{reason_zh}", "No lines can be read from the file: {reason_en}")
    way_out = Text(
        "请使用 XLSX、XLS、ODS 或 UTF-8 的 CSV 文件，第一行写列名，例如：项目名称、数量、单价、税率",
        "Use an XLSX, XLS, ODS or UTF-8 CSV file whose first row names columns, such as 项目名称, 数量, 单价, 税率",
    )


def lines_from_text(text: str, *, column: str = "name") -> tuple[TypedLine, ...]:
    """
    Read cells as a spreadsheet puts them on the clipboard: tabs between cells, quotes around cells with line ends.

    :param column: the field pasted into, where the first row names no columns.
    :raises UnreadableSheet: if it cannot be read as cells.
    :raises goldentax.invoicing.errors.TooManyLines: if there are more rows than an invoice can have.
    """
    try:
        rows = list(csv.reader(io.StringIO(text, newline=""), delimiter="\t"))
    except csv.Error as error:
        raise UnreadableSheet("sheet", reason_zh="不是表格内容", reason_en="it is no table") from error
    return lines_from_rows(rows, column=column)


def lines_from_file(data: bytes, *, name: str) -> tuple[TypedLine, ...]:
    """
    Read the first sheet of a file.

    :raises UnreadableSheet: if it is none, is too large, or holds no lines.
    :raises goldentax.invoicing.errors.TooManyLines: if there are more rows than an invoice can have.
    """
    if len(data) > FILE_BYTES_MAX:
        limit = FILE_BYTES_MAX // 2**20
        raise UnreadableSheet(
            "file", reason_zh=f"大于 {limit} MiB", reason_en=f"it is larger than {limit} MiB"
        )
    rows = _csv_rows(data) if name.lower().endswith((".csv", ".txt")) else _sheet_rows(data)
    lines = lines_from_rows(rows)
    if not lines:
        raise UnreadableSheet("file", reason_zh="没有数据行", reason_en="there are no rows")
    return lines


def lines_from_rows(rows: list[list[str]], *, column: str = "name") -> tuple[TypedLine, ...]:
    """
    Read rows of cells.

    :raises goldentax.invoicing.errors.TooManyLines: if there are more rows than an invoice can have.
    """
    rows = [cells for cells in ([_tidy(cell) for cell in row] for row in rows) if any(cells)]
    if not rows:
        return ()
    named = _named_columns(rows[0])
    body = rows[1:] if named else rows
    if len(body) > ROWS_MAX:
        raise errors.TooManyLines("lines", count=len(body), limit=ROWS_MAX)
    columns = named or dict(enumerate(COLUMNS[COLUMNS.index(column) if column in COLUMNS else 0 :]))
    return tuple(line for cells in body for line in _lines(cells, columns))


def _named_columns(row: list[str]) -> dict[int, str]:
    """Which field each column holds, if the row names at least two; brackets such as （元） do not count."""
    found = {
        index: field
        for index, cell in enumerate(row)
        if (field := _FIELD_OF.get(re.sub(r"[（(].*?[)）]|[*＊\s]", "", cell).lower())) is not None
    }
    return found if len(found) >= 2 else {}


def _lines(cells: list[str], columns: dict[int, str]) -> list[TypedLine]:
    values = {field: cells[index] for index, field in columns.items() if index < len(cells) and cells[index]}
    discount = values.pop("discount", "").lstrip("-")
    if not values:
        return []
    line = TypedLine(**values)
    if not line.tax_code and re.fullmatch(r"\d{19}", line.name):
        line = replace(line, name="", tax_code=line.name)
    line = replace(line, rate=_rate(line.rate), preference=_MARKS.get(line.rate, ""))
    return [line, TypedLine(is_discount=ON, amount=discount)] if discount.strip("0.") else [line]


_MARKS = {"免税": "03", "不征税": "04"}


def _rate(text: str) -> str:
    """A rate as people write it: ``13%``, ``0.13``, ``13``, ``免税``; what is none stays as it is and is refused."""
    if text in _MARKS:
        return "0"
    found = re.fullmatch(r"(\d{1,2}(?:\.\d{1,6})?)(%?)", text)
    if not found:
        return text
    whole, _, part = found[1].partition(".")
    if not found[2] and whole in ("0", "00"):
        return _plain(f"0.{part}" if part else "0")
    # Per cent: the point moves two places to the left, digit by digit.
    digits = whole.rjust(3, "0")
    return _plain(f"{digits[:-2]}.{digits[-2:]}{part}")


def _plain(number: str) -> str:
    whole, _, part = number.partition(".")
    part = part.rstrip("0")
    return f"{int(whole)}.{part}" if part else str(int(whole))


def _tidy(cell: str) -> str:
    return " ".join(cell.replace("\x00", "").split())


def _csv_rows(data: bytes) -> list[list[str]]:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        try:
            return list(csv.reader(io.StringIO(text, newline="")))
        except csv.Error:
            break
    raise UnreadableSheet("file", reason_zh="不是 CSV 文本", reason_en="it is not CSV text")


def _sheet_rows(data: bytes) -> list[list[str]]:
    from python_calamine import CalamineError, CalamineWorkbook

    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(data))
        rows = book.get_sheet_by_index(0).to_python(nrows=ROWS_MAX + 2)
    except (CalamineError, OSError, ValueError, IndexError) as error:
        raise UnreadableSheet(
            "file", reason_zh="不是电子表格", reason_en="it is not a spreadsheet"
        ) from error
    return [[_text(cell) for cell in row] for row in rows]


def _text(cell: Any) -> str:
    """A cell as text. Spreadsheets keep numbers as binary fractions; ``repr`` gives the digits that were typed."""
    if isinstance(cell, float):
        return f"{Decimal(repr(cell)):f}".removesuffix(".0")
    return str(cell)

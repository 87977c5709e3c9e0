"""
Tables of subjects as files: CSV in UTF-8 or GB18030, or XLSX, with column names in the first row.

A spreadsheet keeps long numbers as binary fractions: an identity card number typed as a number has lost its last
digits there, and no reading brings them back. Such cells fail their check and are refused row by row.
"""

import csv
import io
from decimal import Decimal
from typing import Any

from goldentax.subjects import errors
from goldentax.subjects.rules import cleaning

FILE_BYTES_MAX = 32 * 1024 * 1024
"""100,000 rows of seven columns take about 12 MB as CSV."""
ROWS_MAX = 200_000
_CELL_LENGTH_MAX = 300
_XLSX_SIGN = b"PK\x03\x04"


def read_table(*, content: bytes) -> list[dict[str, str]]:
    """
    The rows of a file, each by the names of :data:`goldentax.subjects.rules.cleaning.COLUMNS`; empty rows are
    kept as empty, so that row numbers stay those of the file.

    :raises errors.FileTooLarge: if it has too many bytes or rows.
    :raises errors.UnreadableFile: if it is no table.
    :raises errors.MissingColumns: if a needed column is not there.
    """
    if len(content) > FILE_BYTES_MAX:
        raise too_large()
    rows = _sheet_rows(content) if content.startswith(_XLSX_SIGN) else _csv_rows(content)
    if not rows:
        raise errors.UnreadableFile("file", reason_zh="文件为空", reason_en="it is empty")
    if len(rows) > ROWS_MAX + 1:
        raise too_large()
    columns = cleaning.columns_of(rows[0])
    missing = [name for name in cleaning.NEEDED if name not in columns]
    if missing:
        needed = "、".join(cleaning.COLUMN_NAMES[name].zh for name in cleaning.NEEDED)
        lacking = "、".join(cleaning.COLUMN_NAMES[name].zh for name in missing)
        raise errors.MissingColumns("file", columns=lacking, needed=needed)
    return [
        {name: _tidy(row[place]) if place < len(row) else "" for name, place in columns.items()}
        for row in rows[1:]
    ]


def too_large() -> errors.FileTooLarge:
    """The refusal of a file that is too large."""
    return errors.FileTooLarge("file", rows_max=ROWS_MAX, mib_max=FILE_BYTES_MAX // 1024 // 1024)


def write_csv(rows: list[list[str]]) -> bytes:
    """
    Rows as CSV that a spreadsheet opens: UTF-8 with its mark, and no cell that it would take for a formula.
    """
    out = io.StringIO(newline="")
    csv.writer(out).writerows([[_harmless(cell) for cell in row] for row in rows])
    return out.getvalue().encode("utf-8-sig")


def _harmless(cell: str) -> str:
    return f"'{cell}" if cell[:1] in ("=", "+", "-", "@", "\t", "\r") else cell


def _tidy(cell: str) -> str:
    return " ".join(cell.replace("\x00", "").split())[:_CELL_LENGTH_MAX]


def _csv_rows(content: bytes) -> list[list[str]]:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        try:
            return list(csv.reader(io.StringIO(text, newline=""), strict=True))
        except csv.Error:
            break
    raise errors.UnreadableFile("file", reason_zh="不是 CSV 文本", reason_en="it is not CSV text")


def _sheet_rows(content: bytes) -> list[list[str]]:
    from python_calamine import CalamineError, CalamineWorkbook

    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(content))
        rows = book.get_sheet_by_index(0).to_python(nrows=ROWS_MAX + 2)
    except (CalamineError, OSError, ValueError, IndexError) as error:
        raise errors.UnreadableFile(
            "file", reason_zh="不是电子表格", reason_en="it is no spreadsheet"
        ) from error
    return [[_text(cell) for cell in row] for row in rows]


def _text(cell: Any) -> str:
    if isinstance(cell, float):
        return f"{Decimal(repr(cell)):f}".removesuffix(".0")
    return str(cell)

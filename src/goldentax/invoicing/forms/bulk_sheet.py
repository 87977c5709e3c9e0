"""
The workbook of bulk issuing: the template to fill in, what was filled in, and what became of it.

One row is one line of an invoice; rows with the same 单据号 are one invoice. Cells hold texts or numbers; of a formula
the value counts that the spreadsheet last worked out, to its fifteen digits. A workbook is looked over before it is
opened: one cell far outside would otherwise have all cells before it made.
"""

import io
import re
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any

import msgspec
import xlsxwriter

from goldentax.invoicing import errors
from goldentax.invoicing.rules.bulk import ITEMS_MAX
from goldentax.kernel.crypto.sm import sm3
from goldentax.kernel.refusals import Refusal

ROWS_MAX = 60_000
COLUMNS_MAX = 64
UNPACKED_BYTES_MAX = 256 * 1024 * 1024
SHEET_BYTES_MAX = 128 * 1024 * 1024

HEAD = {
    "单据号": "reference",
    "票种": "kind",
    "购买方名称": "buyer.name",
    "购买方识别号": "buyer.tax_id",
    "购买方为自然人": "buyer.is_person",
    "含税": "prices_include_tax",
    "备注": "remark",
}
LINE = {
    "项目名称": "name",
    "税收分类编码": "tax_code",
    "规格型号": "specification",
    "单位": "unit",
    "数量": "quantity",
    "单价": "unit_price",
    "金额": "amount",
    "税率/征收率": "rate",
}
COLUMNS = (*HEAD, *LINE)
NEEDED = ("单据号", "票种", "购买方名称", "项目名称", "税收分类编码", "税率/征收率")
EXAMPLE = (
    ("DJ20261121001", "专用发票", "广西桂岭糖业有限公司", "91451421MAYUUJWPXP", "", "否", "合同号 GT-001",
     "白砂糖", "1030106020000000000", "50kg/袋", "吨", "2", "5600", "", "13%"),
    ("DJ20261121001", "", "", "", "", "", "",
     "糖仓储", "3040407020000000000", "", "月", "1", "300", "", "6%"),
    ("DJ20261121002", "普通发票", "莫先生", "", "是", "是", "",
     "小包装白砂糖", "1030106020000000000", "", "箱", "3", "82.5", "", "13%"),
)  # fmt: skip
_YES = frozenset({"是", "Y", "y", "1", "TRUE", "True", "true"})
_MARKS = {"免税": "03", "不征税": "04"}
_CELL = re.compile(rb"""[\s]r\s*=\s*["']([A-Za-z]{0,3})(\d{1,9})["']""")
_ID = re.compile(r"[A-Za-z0-9_-]{4,60}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One invoice of a file: its draft, or why its rows are none."""

    place: int  # row or line, from 1
    reference: str = ""
    draft: bytes = b""
    refusal: Refusal | None = None


def read_workbook(data: bytes) -> list[Entry]:
    """
    Read the invoices of the first sheet.

    :raises goldentax.invoicing.errors.SheetUnreadable: if it is no .xlsx, or spreads too far.
    :raises goldentax.invoicing.errors.SheetHeaderWrong: if the first row does not name the columns.
    :raises goldentax.invoicing.errors.BulkEmpty: if there are no rows.
    :raises goldentax.invoicing.errors.TooManyItems: if there are too many invoices.
    """
    rows = _rows(data)
    if not rows:
        raise errors.BulkEmpty("file")
    columns = _columns(rows[0])
    groups: dict[str, _Group] = {}
    for place, cells in enumerate(rows[1:], 2):
        values = {name: cells[index] for index, name in columns.items() if index < len(cells)}
        if any(values.values()):
            key = values.get("单据号") or f"\0{place}"
            groups.setdefault(key, _Group(place=place)).rows.append((place, values))
    if not groups:
        raise errors.BulkEmpty("file")
    if len(groups) > ITEMS_MAX:
        raise errors.TooManyItems("file", limit=ITEMS_MAX)
    return [one.entry() for one in groups.values()]


@dataclass(slots=True, kw_only=True)
class _Group:
    """The rows of one invoice."""

    place: int
    rows: list[tuple[int, dict[str, str]]] = field(default_factory=list)

    def entry(self) -> Entry:
        reference = self.rows[0][1].get("单据号", "")
        try:
            if not reference:
                raise errors.SheetRowWrong(
                    "单据号", row=self.place, reason_zh="没有单据号", reason_en="it has no 单据号"
                )
            draft = _draft(self._head(), [_line(place, row) for place, row in self.rows])
        except Refusal as refusal:
            return Entry(place=self.place, reference=reference[:64], refusal=refusal)
        return Entry(place=self.place, reference=reference[:64], draft=msgspec.json.encode(draft))

    def _head(self) -> dict[str, str]:
        head: dict[str, str] = {}
        for place, row in self.rows:
            for name in HEAD:
                value = row.get(name, "")
                if value and head.setdefault(name, value) != value:
                    raise errors.SheetRowWrong(
                        name,
                        row=place,
                        reason_zh=f"“{name}”与同一单据号的前面各行不同",
                        reason_en=f"{name} differs from the rows before with the same 单据号",
                    )
        return head


def _draft(head: dict[str, str], lines: list[dict[str, str]]) -> dict[str, Any]:
    reference = head["单据号"]
    plain = reference if _ID.fullmatch(reference) else sm3(reference.encode()).hex()[:40]
    kind = head.get("票种", "")
    buyer: dict[str, Any] = {"name": head.get("购买方名称", ""), "tax_id": head.get("购买方识别号", "")}
    return {
        "request_id": f"doc-{plain}",
        "kind": "81" if "专用" in kind else "82" if "普通" in kind else kind,
        "buyer": buyer | {"is_person": head.get("购买方为自然人", "") in _YES},
        "prices_include_tax": head.get("含税", "") in _YES,
        "remark": head.get("备注", ""),
        "lines": lines,
    }


def _line(place: int, row: dict[str, str]) -> dict[str, str]:
    line = {field: row[name] for name, field in LINE.items() if row.get(name)}
    for name in ("数量", "单价", "金额"):
        if LINE[name] in line:
            line[LINE[name]] = _number(line[LINE[name]], name=name, place=place)
    rate = line.get("rate", "")
    if rate in _MARKS:
        return line | {"rate": "0", "preference": _MARKS[rate]}
    if rate.endswith("%"):
        exact = Decimal(_number(rate[:-1], name="税率/征收率", place=place)) / 100
        return line | {"rate": f"{exact.normalize():f}"}
    return {"name": "", "tax_code": "", "rate": ""} | line


def _number(text: str, *, name: str, place: int) -> str:
    plain = text.replace(",", "").replace("，", "").lstrip("¥￥").strip()
    try:
        number = Decimal(plain)
    except InvalidOperation:
        number = Decimal("NaN")
    if not number.is_finite() or len(plain) > 40:
        raise errors.SheetRowWrong(
            name, row=place, reason_zh=f"“{name}”不是数字", reason_en=f"{name} is no number"
        )
    return plain


def _columns(row: Sequence[str]) -> dict[int, str]:
    found = {index: name for index, name in enumerate(row) if name}
    unknown = [name for name in found.values() if name not in COLUMNS]
    missing = [name for name in NEEDED if name not in found.values()]
    twice = [name for name in COLUMNS if list(found.values()).count(name) > 1]
    for names, zh, en in (
        (missing, "缺少", "missing"),
        (unknown, "不认识", "unknown"),
        (twice, "重复", "twice"),
    ):
        if names:
            told = "、".join(name[:20] for name in names[:6])
            raise errors.SheetHeaderWrong("file", reason_zh=f"{zh} {told}", reason_en=f"{en}: {told}")
    return found


def _unreadable(zh: str, en: str) -> Refusal:
    return errors.SheetUnreadable("file", reason_zh=zh, reason_en=en)


def _rows(data: bytes) -> list[list[str]]:
    from python_calamine import CalamineError, CalamineWorkbook

    _look_over(data)
    try:
        sheet = CalamineWorkbook.from_filelike(io.BytesIO(data)).get_sheet_by_index(0)
        rows = [[_text(cell) for cell in row] for row in sheet.to_python(skip_empty_area=False)]
        merged = sheet.merged_cell_ranges or []
    except (CalamineError, OSError, ValueError, IndexError) as error:
        raise _unreadable("不是有效的 .xlsx 工作簿", "it is no valid .xlsx workbook") from error
    if rows:
        _spread(rows, merged)
    return rows


def _spread(rows: list[list[str]], merged: Sequence[Any]) -> None:
    """What stands in merged cells of a head column counts for each of their rows; an amount counts once."""
    for (top, left), (bottom, _) in merged:
        if top == 0 or left >= len(rows[0]) or rows[0][left] not in HEAD:
            continue
        for index in range(top + 1, min(bottom + 1, len(rows))):
            rows[index][left] = rows[top][left]


def _look_over(data: bytes) -> None:
    """Refuse what is no .xlsx, unpacks to too much, or has a cell far outside."""
    if data[:8] == b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1":
        raise _unreadable("是旧的 .xls 格式，或有密码", "it is the old .xls format, or has a password")
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            parts = archive.infolist()
            if "xl/workbook.xml" not in {one.filename for one in parts}:
                raise _unreadable("不是 .xlsx 工作簿", "it is no .xlsx workbook")
            if len(parts) > 2_000 or sum(one.file_size for one in parts) > UNPACKED_BYTES_MAX:
                raise _unreadable("解开后过大", "it unpacks to too much")
            for one in parts:
                if one.filename.startswith("xl/worksheets/") and one.filename.endswith(".xml"):
                    _look_over_sheet(archive, one)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError) as error:
        raise _unreadable("不是 .xlsx 工作簿", "it is no .xlsx workbook") from error


def _look_over_sheet(archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> None:
    with archive.open(part) as file:
        text = file.read(SHEET_BYTES_MAX + 1)
    if len(text) > SHEET_BYTES_MAX or b"\0" in text[:4096]:
        raise _unreadable("工作表过大", "its sheet is too large")
    for found in _CELL.finditer(text):
        if int(found[2]) > ROWS_MAX or _column(found[1]) > COLUMNS_MAX:
            raise _unreadable(
                f"超过 {ROWS_MAX} 行或 {COLUMNS_MAX} 列",
                f"it has more than {ROWS_MAX} rows or {COLUMNS_MAX} columns",
            )


def _column(letters: bytes) -> int:
    number = 0
    for one in letters.upper():
        number = number * 26 + one - 64
    return number


def _text(cell: Any) -> str:
    """A cell as text; spreadsheets keep numbers as binary fractions and mean fifteen digits of them."""
    if isinstance(cell, bool):
        return "是" if cell else ""
    if isinstance(cell, float):
        return f"{Decimal(f'{cell:.15g}'):f}"
    return " ".join(str(cell).replace("\x00", "").split())


def write_template() -> bytes:
    """The workbook to fill in, with an example of two invoices."""
    return _written("开票", COLUMNS, iter(EXAMPLE))


RESULT_COLUMNS = ("行", "单据号", "结果", "发票号码", "代码", "原因", "处理办法")


def write_result(rows: Iterator[Sequence[str]]) -> bytes:
    """What became of each invoice, as a workbook."""
    return _written("结果", RESULT_COLUMNS, rows)


def _written(name: str, columns: Sequence[str], rows: Iterator[Sequence[str]]) -> bytes:
    data = io.BytesIO()
    book = xlsxwriter.Workbook(
        data, {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    )
    sheet = book.add_worksheet(name)
    head, text = book.add_format({"bold": True}), book.add_format({"num_format": "@"})
    sheet.freeze_panes(1, 0)
    sheet.set_column(0, len(columns) - 1, 18, text)
    for column, title in enumerate(columns):
        sheet.write_string(0, column, title, head)
    for index, row in enumerate(rows, start=1):
        for column, cell in enumerate(row):
            sheet.write_string(index, column, cell, text)
    book.close()
    return data.getvalue()

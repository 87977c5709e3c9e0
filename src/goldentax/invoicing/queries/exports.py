"""Export of issued invoices: CSV for machines and large sets, XLSX for people; one row a line of an invoice."""

import csv
import io
from collections.abc import Iterator

import xlsxwriter

from goldentax.invoicing import errors
from goldentax.invoicing.queries.invoices import InvoiceFilter, iterate_documents
from goldentax.invoicing.rules.documents import InvoiceDocument, Line
from goldentax.kernel.access import Actor
from goldentax.kernel.values.money import yuan

COLUMNS = (
    "发票号码", "开票日期", "票种", "购买方名称", "购买方识别号", "行号", "项目名称", "税收分类编码", "规格型号",
    "单位", "数量", "单价", "金额", "税率/征收率", "税额", "价税合计", "备注", "开票人",
)  # fmt: skip
_AMOUNT_COLUMNS = {12, 14, 15}
CONTENT_TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


def export_invoices(*, actor: Actor, filter_: InvoiceFilter, form: str) -> bytes:
    """
    Write everything a filter finds.

    :raises goldentax.invoicing.errors.UnknownForm: if the form is neither csv nor xlsx.
    """
    rows = (
        _row(document, line)
        for document in iterate_documents(actor=actor, filter_=filter_)
        for line in document.lines
    )
    if form == "csv":
        return _csv(rows)
    if form == "xlsx":
        return _xlsx(rows)
    raise errors.UnknownForm("form", form=form[:20])


def _row(document: InvoiceDocument, line: Line) -> list[str]:
    return [
        document.number,
        document.issue_date.isoformat(),
        document.title,
        document.buyer.name,
        document.buyer.tax_id,
        str(line.number),
        line.full_name,
        line.tax_code,
        line.specification,
        line.unit,
        line.quantity,
        line.unit_price,
        yuan(line.amount_fen),
        line.rate_text,
        yuan(line.tax_fen),
        yuan(line.gross_fen),
        document.remark,
        document.drawer,
    ]


def _csv(rows: Iterator[list[str]]) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    writer.writerows([_harmless(cell) for cell in row] for row in rows)
    # The mark at the front lets spreadsheet programs read it as UTF-8.
    return b"\xef\xbb\xbf" + text.getvalue().encode()


def _harmless(cell: str) -> str:
    """A text that a spreadsheet would run as a formula is kept from it by an apostrophe; numbers stay numbers."""
    is_number = cell.lstrip("-").replace(".", "", 1).isdigit()
    return "'" + cell if cell[:1] in "=+-@\t\r" and cell and not is_number else cell


def _xlsx(rows: Iterator[list[str]]) -> bytes:
    data = io.BytesIO()
    book = xlsxwriter.Workbook(
        data, {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    )
    sheet = book.add_worksheet("发票")
    head, money = book.add_format({"bold": True}), book.add_format({"num_format": "#,##0.00"})
    sheet.freeze_panes(1, 0)
    sheet.set_column(0, 0, 22)
    sheet.set_column(1, len(COLUMNS) - 1, 14)
    for column, name in enumerate(COLUMNS):
        sheet.write_string(0, column, name, head)
    for index, row in enumerate(rows, start=1):
        for column, cell in enumerate(row):
            if column in _AMOUNT_COLUMNS:
                sheet.write_number(
                    index, column, float(cell), money
                )  # shown only; the CSV holds the exact text
            else:
                sheet.write_string(index, column, cell)
    book.close()
    return data.getvalue()

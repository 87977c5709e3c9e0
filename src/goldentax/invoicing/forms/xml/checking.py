"""
Saying what does not fit together in a delivered invoice.

Findings are told, never fatal: many files in the world have one, and a reader decides what it means.
Tolerance of the tax of a line: 0.06 yuan; of quantity × price: 0.01 yuan (FACTS §1.7).
"""

import re
from collections.abc import Iterator
from decimal import Decimal

import msgspec

from goldentax.invoicing.forms.xml.delivered import DIFFERENCE_RATE, DeliveredInvoice
from goldentax.invoicing.rules.documents import Line, Party
from goldentax.kernel.text import Text
from goldentax.kernel.values.identifiers import classify_taxpayer_id
from goldentax.kernel.values.money import chinese_amount, round_fen, yuan

LINE_TAX_TOLERANCE_FEN = 6
LINE_AMOUNT_TOLERANCE_FEN = 1
_MASKED = re.compile(r"[*＊xX]{3,}")


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that does not fit (疑点): what it is, where, and in words."""

    code: str  # a short name for programs, such as "buyer-tax-id-check"
    field: str  # where: "buyer.tax_id", "lines[3].tax"
    text: Text


def check(delivered: DeliveredInvoice) -> list[Finding]:
    """Look for everything that does not fit, in the order of the face."""
    return [
        *_check_numbers(delivered),
        *_check_party(delivered.seller, "seller", Text("销售方", "the seller's")),
        *_check_party(delivered.buyer, "buyer", Text("购买方", "the buyer's")),
        *_check_buyer_known(delivered),
        *(finding for line in delivered.lines for finding in _check_line(line, is_red=delivered.is_red)),
        *_check_totals(delivered),
        *_check_kept(delivered),
    ]


def _finding(code: str, field: str, zh: str, en: str) -> Finding:
    return Finding(code=code, field=field, text=Text(zh, en))


def _check_numbers(delivered: DeliveredInvoice) -> Iterator[Finding]:
    other = delivered.supervised_number
    if other and other != delivered.number:
        yield _finding(
            "number-differs",
            "number",
            f"文件头号码 {delivered.number} 与监制信息号码 {other} 不一致",
            f"the header says number {delivered.number}, the supervision part {other}",
        )


def _check_party(party: Party, side: str, whose: Text) -> Iterator[Finding]:
    field = f"{side}.tax_id"
    if not party.tax_id:
        return
    if is_masked(party.tax_id):
        yield _finding(
            f"{side}-tax-id-masked",
            field,
            f"{whose.zh}纳税人识别号 {party.tax_id} 已被遮盖",
            f"{whose.en} taxpayer number {party.tax_id} is masked",
        )
    elif classify_taxpayer_id(party.tax_id) is None:
        yield _finding(
            f"{side}-tax-id-check",
            field,
            f"{whose.zh}纳税人识别号 {party.tax_id} 校验不通过",
            f"{whose.en} taxpayer number {party.tax_id} fails its check",
        )


def _check_buyer_known(delivered: DeliveredInvoice) -> Iterator[Finding]:
    if delivered.kind == "81" and not delivered.buyer.tax_id:
        yield _finding(
            "buyer-tax-id-missing",
            "buyer.tax_id",
            "增值税专用发票缺少购买方纳税人识别号",
            "a special VAT invoice needs the buyer's taxpayer number",
        )
    for side, party in (("seller", delivered.seller), ("buyer", delivered.buyer)):
        if not party.name:
            yield _finding(f"{side}-name-missing", f"{side}.name", "缺少名称", f"the {side} has no name")


def is_masked(code: str) -> bool:
    """Tell whether part of an identifier or code has been hidden: runs of ``*`` or ``x``."""
    return bool(_MASKED.search(code)) or "*" in code


def _check_line(line: Line, *, is_red: bool) -> Iterator[Finding]:
    at = f"lines[{line.number}]"
    if is_masked(line.tax_code):
        yield _finding(
            "tax-code-masked",
            f"{at}.tax_code",
            f"第 {line.number} 行商品编码 {line.tax_code} 已被遮盖",
            f"line {line.number}: the tax code {line.tax_code} is masked",
        )
    elif not (len(line.tax_code) == 19 and line.tax_code.isdecimal()):
        yield _finding(
            "tax-code-form",
            f"{at}.tax_code",
            f"第 {line.number} 行商品编码“{line.tax_code}”不是 19 位数字",
            f"line {line.number}: the tax code “{line.tax_code}” does not have 19 digits",
        )
    if line.gross_fen != line.amount_fen + line.tax_fen:
        yield _finding(
            "line-gross",
            f"{at}.gross",
            f"第 {line.number} 行含税金额 {yuan(line.gross_fen)} 不等于金额加税额",
            f"line {line.number}: gross {yuan(line.gross_fen)} is not amount plus tax",
        )
    if line.nature == "00" and (line.amount_fen > 0) == is_red and line.amount_fen:
        yield _finding(
            "line-sign",
            f"{at}.amount",
            f"第 {line.number} 行金额 {yuan(line.amount_fen)} 的正负号与发票不符，且不是折扣行",
            f"line {line.number}: {yuan(line.amount_fen)} has the wrong sign and is no discount",
        )
    yield from _check_line_products(line, at)


def _check_line_products(line: Line, at: str) -> Iterator[Finding]:
    if line.rate == DIFFERENCE_RATE:
        yield _finding(
            "difference-taxation",
            f"{at}.rate",
            f"第 {line.number} 行为差额征税，税率未载明",
            f"line {line.number} is under difference taxation and tells no rate",
        )
    else:
        expected = round_fen(Decimal(line.amount_fen) / 100 * Decimal(line.rate))
        if abs(expected - line.tax_fen) > LINE_TAX_TOLERANCE_FEN:
            yield _finding(
                "line-tax",
                f"{at}.tax",
                f"第 {line.number} 行税额 {yuan(line.tax_fen)} 与金额乘税率 {yuan(expected)} 相差过大",
                f"line {line.number}: tax {yuan(line.tax_fen)} is far from amount × rate {yuan(expected)}",
            )
    if line.quantity and line.unit_price:
        product = round_fen(Decimal(line.quantity) * Decimal(line.unit_price))
        if abs(product - line.amount_fen) > LINE_AMOUNT_TOLERANCE_FEN:
            yield _finding(
                "line-amount",
                f"{at}.amount",
                f"第 {line.number} 行金额 {yuan(line.amount_fen)} 不等于数量乘单价 {yuan(product)}",
                f"line {line.number}: amount {yuan(line.amount_fen)} is not quantity × price {yuan(product)}",
            )


def _check_totals(delivered: DeliveredInvoice) -> Iterator[Finding]:
    for field, name, total, of_lines in (
        ("amount", "合计金额", delivered.amount_fen, sum(one.amount_fen for one in delivered.lines)),
        ("tax", "合计税额", delivered.tax_fen, sum(one.tax_fen for one in delivered.lines)),
    ):
        if total != of_lines:
            yield _finding(
                f"total-{field}",
                f"total_{field}",
                f"{name} {yuan(total)} 不等于各行之和 {yuan(of_lines)}",
                f"the total {field} {yuan(total)} is not the sum of the lines {yuan(of_lines)}",
            )
    if delivered.gross_fen != delivered.amount_fen + delivered.tax_fen:
        yield _finding(
            "total-gross",
            "total_gross",
            f"价税合计 {yuan(delivered.gross_fen)} 不等于合计金额加合计税额",
            f"the gross total {yuan(delivered.gross_fen)} is not amount plus tax",
        )
    words = delivered.chinese_amount
    if words and _bare(words) != _bare(chinese_amount(delivered.gross_fen)):
        yield _finding(
            "total-words",
            "chinese_amount",
            f"大写“{words}”与小写 {yuan(delivered.gross_fen)} 不符",
            f"the amount in words “{words}” is not {yuan(delivered.gross_fen)}",
        )


def _bare(words: str) -> str:
    """Reduce an amount in words to what tells one amount from another: issuers write 元 and 圆, 正 and 整."""
    words = words.replace("元", "圆").replace("正", "整").replace("(", "（").replace(")", "）")
    words = re.sub(r"[\s⊗零]", "", words).replace("负数", "负").replace("（负）", "负")
    return words.removesuffix("整")


def _check_kept(delivered: DeliveredInvoice) -> Iterator[Finding]:
    for name in delivered.worked_out:
        yield _finding(
            "worked-out",
            name,
            f"文件未载明 {name}，按其余数据计算",
            f"the file leaves out {name}; it was worked out",
        )
    for other in delivered.other_specific:
        yield _finding(
            "unknown-element",
            other.name,
            f"特定要素 {other.name} 尚不能识别，不会随再次开具带出",
            f"the element {other.name} is not known and is not carried into a new invoice",
        )
    if delivered.transactions or delivered.buyer_handler:
        yield _finding(
            "not-carried",
            "additional",
            "交易信息或购买方经办人不会随再次开具带出",
            "payment records or the buyer's agent are not carried into a new invoice",
        )

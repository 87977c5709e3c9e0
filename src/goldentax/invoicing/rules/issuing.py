"""
Decide whether a draft may be issued, and work out the invoice it becomes.

The order of the checks is fixed, so the same mistake always gives the same first answer: request, kind, seller,
buyer, texts, then line by line (code, rate, preference, numbers, discount, tax), then totals. Everything wrong is
told at once. The limit, the number and the repeat question belong to ``operations``.
"""

import re
from collections.abc import Iterable
from datetime import datetime

from goldentax.invoicing import errors
from goldentax.invoicing.rules.documents import InvoiceDocument, Party
from goldentax.invoicing.rules.drafts import InvoiceDraft, RedReference
from goldentax.invoicing.rules.examining import (
    ORDINARY,
    REFUSALS_TOLD_MAX,
    SPECIAL,
    UNTAXED,
    CodeFacts,
    Examination,
    FindCode,
    Place,
    Seller,
)
from goldentax.invoicing.rules.law import IssuingLaw
from goldentax.invoicing.rules.lines import take_line
from goldentax.kernel.refusals import raise_all
from goldentax.kernel.text import Text
from goldentax.kernel.values.identifiers import classify_taxpayer_id
from goldentax.kernel.values.money import FEN_MAX, yuan

__all__ = [
    "ORDINARY",
    "REFUSALS_TOLD_MAX",
    "SPECIAL",
    "UNTAXED",
    "CodeFacts",
    "FindCode",
    "Place",
    "Seller",
    "compose_invoice",
]

_REQUEST_ID = re.compile(r"[A-Za-z0-9_-]{8,64}")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")


def compose_invoice(
    *,
    draft: InvoiceDraft,
    seller: Seller,
    law: IssuingLaw,
    find_code: FindCode,
    place: Place,
    number: str,
    drawer: str,
    now: datetime,
    is_test_buyer: bool = False,
) -> InvoiceDocument:
    """
    Turn a draft into the invoice it would be; nothing is stored.

    :param is_test_buyer: the buyer is a flagged test taxpayer of a demo world, whose number need not be right.
    :raises Refusal: one, or a group of up to twenty, in the order of the rules.
    """
    work = Examination(draft, seller, law, find_code, is_test_buyer)
    _check_head(work)
    _check_texts(work)
    if 0 < len(draft.lines) <= law.line_count_max:
        for index in range(len(draft.lines)):
            take_line(work, index)
        _check_mixture(work)
    raise_all(work.refusals)
    document = _assemble(work, place=place, number=number, drawer=drawer, now=now)
    _check_totals(work, document)
    raise_all(work.refusals)
    return document


def _check_head(work: Examination) -> None:
    draft, law = work.draft, work.law
    if not _REQUEST_ID.fullmatch(draft.request_id):
        work.refuse(errors.BadRequestId("request_id"))
    if draft.kind not in (SPECIAL, ORDINARY):
        work.refuse(errors.UnknownKind("kind", kind=draft.kind[:20]))
    if draft.seller_tax_id and draft.seller_tax_id != work.seller.party.tax_id:
        work.refuse(errors.SellerMismatch("seller_tax_id", tax_id=draft.seller_tax_id[:20]))
    if work.seller.obstacle:
        reason = work.seller.obstacle
        work.refuse(
            errors.SellerMayNotIssue(
                "seller_tax_id", name=work.seller.party.name, reason_zh=reason.zh, reason_en=reason.en
            )
        )
    _check_buyer(work)
    if any(isinstance(one, RedReference) for one in draft.specific):
        work.refuse(errors.RedOnBlue("specific"))
    if not draft.lines:
        work.refuse(errors.NoLines("lines"))
    if len(draft.lines) > law.line_count_max:
        work.refuse(errors.TooManyLines("lines", count=len(draft.lines), limit=law.line_count_max))


def _check_buyer(work: Examination) -> None:
    buyer, kind = work.draft.buyer, work.draft.kind
    if not buyer.name.strip():
        work.refuse(errors.BuyerNameMissing("buyer.name"))
    if kind == SPECIAL and buyer.is_person:
        work.refuse(errors.SpecialToPerson("buyer.is_person"))
    elif kind == SPECIAL and not buyer.tax_id:
        work.refuse(errors.BuyerIdMissing("buyer.tax_id"))
    if buyer.tax_id and not work.accept_any_buyer_id and classify_taxpayer_id(buyer.tax_id) is None:
        work.refuse(errors.BuyerIdWrong("buyer.tax_id", tax_id=buyer.tax_id[:30]))


_BUYER_TEXTS = (
    ("name", Text("购买方名称", "the buyer's name")),
    ("tax_id", Text("购买方识别号", "the buyer's number")),
    ("address", Text("购买方地址", "the buyer's address")),
    ("phone", Text("购买方电话", "the buyer's telephone")),
    ("bank_name", Text("购买方开户行", "the buyer's bank")),
    ("bank_account", Text("购买方账号", "the buyer's account")),
)
_HEAD_TEXTS = (
    ("remark", Text("备注", "the remark")),
    ("payee", Text("收款人", "the payee")),
    ("reviewer", Text("复核人", "the reviewer")),
    ("drawer", Text("开票人", "the drawer")),
)
_LINE_TEXTS = (
    ("name", Text("项目名称", "the name of the item")),
    ("short_name", Text("商品和服务分类简称", "the short name")),
    ("specification", Text("规格型号", "the specification")),
    ("unit", Text("单位", "the unit")),
)
_ELEMENT = Text("特定要素", "a special element")


def _check_texts(work: Examination) -> None:
    """Hold every free text against its length in the lawbook, which knows lines and elements without their index."""
    draft = work.draft
    _hold_texts(work, draft.buyer, _BUYER_TEXTS, rule="buyer.", at="buyer.")
    _hold_texts(work, draft, _HEAD_TEXTS, rule="", at="")
    name, short_name, specification, unit = work.law.line_lengths
    for index, line in enumerate(draft.lines):
        if (
            len(line.name) <= name
            and len(line.short_name) <= short_name
            and len(line.specification) <= specification
            and len(line.unit) <= unit
            and (line.name + line.short_name + line.specification + line.unit).isprintable()
        ):
            continue  # as nearly every line
        _hold_texts(work, line, _LINE_TEXTS, rule="lines.", at="lines[{index}].", index=index)
    for index, block in enumerate(draft.specific):
        texts = [(name, _ELEMENT) for name in block.__struct_fields__]
        _hold_texts(work, block, texts, rule="specific.", at="specific[{index}].", index=index)


def _hold_texts(
    work: Examination,
    thing: object,
    texts: Iterable[tuple[str, Text]],
    *,
    rule: str,
    at: str,
    index: int = 0,
) -> None:
    lengths = work.law.lengths
    for name, label in texts:
        text = getattr(thing, name)
        if not text:
            continue
        limit = lengths.get(rule + name)
        if limit is not None and len(text) > limit:
            work.refuse(errors.TooLong(at.format(index=index) + name, label=label, limit=limit))
        # Nearly every text is printable throughout, which is quicker to see.
        if not text.isprintable() and _CONTROL.search(text):
            work.refuse(errors.BadCharacters(at.format(index=index) + name, label=label))


def _check_mixture(work: Examination) -> None:
    untaxed = [index for index, line in enumerate(work.draft.lines) if line.preference == UNTAXED]
    if untaxed and len(untaxed) < len(work.draft.lines):
        work.refuse(errors.UntaxedMixed(f"lines[{untaxed[0]}].preference", line=untaxed[0] + 1))


def _assemble(work: Examination, *, place: Place, number: str, drawer: str, now: datetime) -> InvoiceDocument:
    draft, buyer = work.draft, work.draft.buyer
    return InvoiceDocument(
        number=number,
        kind=draft.kind,
        issued_at=now.replace(microsecond=0),
        seller=work.seller.party,
        buyer=Party(
            name=buyer.name.strip(),
            tax_id=buyer.tax_id,
            address=buyer.address,
            phone=buyer.phone,
            bank_name=buyer.bank_name,
            bank_account=buyer.bank_account,
            is_person=buyer.is_person,
        ),
        lines=tuple(work.lines),
        amount_fen=sum(line.amount_fen for line in work.lines),
        tax_fen=sum(line.tax_fen for line in work.lines),
        gross_fen=sum(line.gross_fen for line in work.lines),
        prices_include_tax=draft.prices_include_tax,
        remark=draft.remark,
        payee=draft.payee,
        reviewer=draft.reviewer,
        drawer=draft.drawer or drawer,
        show_seller_bank=draft.show_seller_bank,
        show_buyer_bank=draft.show_buyer_bank,
        show_seller_address=draft.show_seller_address,
        show_buyer_address=draft.show_buyer_address,
        specific=draft.specific,
        taxpayer_type={"general": "1", "small": "2", "person": "5"}[work.seller.kind],
        industry=work.seller.industry,
        channel=place.channel,
        bureau_code=place.bureau_code,
        bureau_name=place.bureau_name,
        node=place.node,
    )


def _check_totals(work: Examination, document: InvoiceDocument) -> None:
    if not 0 < document.gross_fen <= FEN_MAX or not document.amount_fen > 0:
        work.refuse(errors.TotalOutOfRange("lines", given=yuan(document.gross_fen)))
        return
    for name, label, given, expected in (
        ("total_amount", Text("合计金额", "the total amount"), work.draft.total_amount, document.amount_fen),
        ("total_tax", Text("合计税额", "the total tax"), work.draft.total_tax, document.tax_fen),
        (
            "total_gross",
            Text("价税合计", "the total including tax"),
            work.draft.total_gross,
            document.gross_fen,
        ),
    ):
        if given is None:
            continue
        if not given.is_finite() or abs(given.adjusted()) > 18 or given.scaleb(2) != expected:
            work.refuse(
                errors.TotalDiffers(
                    name, label_zh=label.zh, label_en=label.en, expected=yuan(expected), given=str(given)[:40]
                )
            )

"""
The HTTP API of invoicing, below /api/v1.

Bodies are the msgspec structs of the rules: read once, exactly, with unknown fields refused; their JSON schemas go
into the OpenAPI document as they are. Access is by bearer token; verification is public.
"""

from functools import cache
from typing import Any
from urllib.parse import quote

import msgspec
from django.http import HttpRequest, HttpResponse

from goldentax.invoicing import api as invoicing
from goldentax.invoicing.desk import answers
from goldentax.invoicing.desk.answers import ApiIssued
from goldentax.invoicing.forms.xml import business_fields
from goldentax.invoicing.http import bulk, limits, log, service
from goldentax.invoicing.rules import documents, receipts
from goldentax.invoicing.rules.drafts import InvoiceDraft
from goldentax.invoicing.rules.reading import read_json
from goldentax.invoicing.rules.receipts import AnyReceipt, Receipt
from goldentax.invoicing.rules.verifying import VerifyQuery
from goldentax.kernel import access, clock
from goldentax.kernel.access import actor_of
from goldentax.kernel.crypto.keys import node_signer
from goldentax.kernel.language import language_of
from goldentax.kernel.node import this_node
from goldentax.kernel.text import Text
from goldentax.kernel.values.money import chinese_amount, yuan

router = bulk.router  # /invoices/jobs is no invoice's number: its addresses come first
router.add_router("", log.router)
router.add_router("", limits.router)
router.add_router("", service.router)

_VERIFY_WORDS = {
    "00": Text("查验一致", "The face agrees with what was issued"),
    "02": Text("没有查到该发票", "There is no such invoice"),
    "03": Text("查验不一致：所填与票面不符", "The fields do not agree with what was issued"),
}


class ApiLine(msgspec.Struct, kw_only=True):
    """One line of an issued invoice; amounts are yuan as text."""

    number: int
    name: str
    tax_code: str
    specification: str
    unit: str
    quantity: str
    unit_price: str
    amount: str
    rate: str
    rate_text: str
    tax: str
    gross: str
    preference: str
    nature: str


class ApiInvoice(msgspec.Struct, kw_only=True):
    """An issued invoice, or a preview of one (with an empty number)."""

    number: str
    kind: str
    title: str
    is_red: bool
    issued_at: str
    seller: documents.Party
    buyer: documents.Party
    lines: list[ApiLine]
    amount: str
    tax: str
    gross: str
    gross_in_chinese: str
    remark: str
    drawer: str
    bureau_code: str
    bureau_name: str
    links: dict[str, str]
    receipt: AnyReceipt | None = None
    repeated: bool = False


class ApiInvoiceRow(msgspec.Struct, kw_only=True):
    """One row of a list."""

    number: str
    kind: str
    issued_at: str
    buyer_name: str
    buyer_tax_id: str
    goods: str
    amount: str
    tax: str
    gross: str


class ApiInvoicePage(msgspec.Struct, kw_only=True):
    """One page; ``next_cursor`` is empty on the last."""

    items: list[ApiInvoiceRow]
    next_cursor: str


class ApiVerification(msgspec.Struct, kw_only=True):
    """The outcome of a verification: result 00 agrees, 02 none, 03 differs."""

    result: str
    message: str
    count: int
    state: str
    invoice: ApiInvoice | None = None


class ApiLimit(msgspec.Struct, kw_only=True):
    """The month's total limit, in yuan."""

    period: str
    total: str
    used: str
    reserved: str
    available: str
    valid_from: str
    valid_to: str


class ApiFinding(msgspec.Struct, kw_only=True):
    """One thing in a delivered file that does not fit."""

    code: str
    field: str
    message: str


class ApiParty(msgspec.Struct, kw_only=True):
    """A party of a delivered file, and how it stands to the register: matched, external, test or nameless."""

    side: str
    name: str
    tax_id: str
    state: str


class ApiImport(msgspec.Struct, kw_only=True):
    """What a delivered file says and what does not fit in it; nothing is stored."""

    kind_of_file: str
    number: str
    kind: str
    gross: str
    findings: list[ApiFinding]
    parties: list[ApiParty]
    fields: dict[str, Any]


def _body(type_: type, description: str) -> dict[str, Any]:
    return {
        "requestBody": {
            "required": True,
            "description": description,
            "content": {"application/json": {"schema": _schema(type_)}},
        }
    }


def _answer(type_: type, *, created: bool = False) -> dict[str, Any]:
    content = {"application/json": {"schema": _schema(type_)}}
    answers = {200: {"description": "OK", "content": content}}
    if created:
        answers[201] = {"description": "Created", "content": content}
    return {"responses": answers}


def _schema(type_: type) -> dict[str, Any]:
    (schema,), components = msgspec.json.schema_components(
        [type_], ref_template="#/components/schemas/{name}"
    )
    return {**schema, "$defs": components}


@cache
def _decoder(type_: type) -> msgspec.json.Decoder[Any]:
    return msgspec.json.Decoder(type_)


def read_body(request: HttpRequest, type_: type) -> Any:
    """
    Read a JSON body as a struct.

    :raises goldentax.invoicing.errors.BadUtf8: if the bytes are no UTF-8.
    :raises goldentax.invoicing.errors.Unreadable: if they are no JSON or not of the documented form.
    """
    return read_json(request.body, _decoder(type_))


def _json(value: Any, *, status: int = 200) -> HttpResponse:
    return HttpResponse(
        msgspec.json.encode(value), status=status, content_type="application/json; charset=utf-8"
    )


@router.post(
    "/invoices",
    operation_id="issue_invoice",
    summary="开具发票 Issue an invoice",
    openapi_extra=_body(InvoiceDraft, "The draft; the same request_id gets the first answer back.")
    | _answer(ApiIssued, created=True),
)
@access.open_to(access.ISSUER, scope="invoices:write")
def issue(request: HttpRequest) -> HttpResponse:
    """Issue one invoice: 201 the first time, 200 with the first answer for a repeat of the same request."""
    draft = read_body(request, InvoiceDraft)
    issued = invoicing.issue_invoice(draft=draft, actor=actor_of(request), now=clock.now())
    receipt = receipts.encode(issued.receipt)
    body = answers.write(issued.document, issued.number, receipt, repeated=issued.repeated)
    response = HttpResponse(
        body, status=200 if issued.repeated else 201, content_type="application/json; charset=utf-8"
    )
    response.headers["Location"] = f"/api/v1/invoices/{issued.number}"
    return response


@router.post(
    "/invoices/preview",
    operation_id="preview_invoice",
    summary="试算 Work an invoice out without issuing it",
    openapi_extra=_body(InvoiceDraft, "The draft to work out.") | _answer(ApiInvoice),
)
@access.open_to(access.ISSUER, scope="invoices:write")
def preview(request: HttpRequest) -> HttpResponse:
    """Work a draft out by the same rules; nothing is stored, numbered or charged."""
    draft = read_body(request, InvoiceDraft)
    return _json(
        _api_invoice(invoicing.preview_invoice(draft=draft, actor=actor_of(request), now=clock.now()))
    )


@router.post(
    "/invoices/import",
    operation_id="import_invoice",
    summary="读取交付文件 Read and check a delivered XML or OFD",
    openapi_extra={
        "requestBody": {
            "required": True,
            "description": "The file itself.",
            "content": {
                one: {"schema": {"type": "string", "format": "binary"}}
                for one in ("application/xml", "application/ofd")
            },
        }
    }
    | _answer(ApiImport),
)
@access.open_to(access.TAXPAYER, scope="invoices:read")
def import_(request: HttpRequest) -> HttpResponse:
    """Read a delivered file, check it, and hold one that claims to be this bureau's against its signature."""
    outcome = invoicing.import_file(
        data=request.body, reissue=False, actor=actor_of(request), now=clock.now()
    )
    return _json(_api_import(outcome, language=language_of(request)))


@router.get(
    "/invoices",
    operation_id="list_invoices",
    summary="查询已开发票 List issued invoices",
    openapi_extra=_answer(ApiInvoicePage),
)
@access.open_to(access.TAXPAYER, scope="invoices:read")
def list_(
    request: HttpRequest,
    q: str = "",
    kind: str = "",
    from_date: str = "",
    to_date: str = "",
    min_gross: str = "",
    max_gross: str = "",
    cursor: str = "",
    limit: int = 50,
) -> HttpResponse:
    """List one's own invoices, the newest first; dates are yyyy-MM-dd, amounts yuan."""
    filter_ = invoicing.read_filter(
        {"q": q, "kind": kind, "from": from_date, "to": to_date, "min": min_gross, "max": max_gross}
    )
    page = invoicing.list_invoices(
        actor=actor_of(request), filter_=filter_, cursor=cursor, page_size=max(1, min(limit, 200))
    )
    rows = [
        ApiInvoiceRow(
            number=row.number,
            kind=row.kind,
            issued_at=row.issued_at.astimezone(clock.CHINA).isoformat(),
            buyer_name=row.buyer_name,
            buyer_tax_id=row.buyer_tax_id,
            goods=row.goods,
            amount=yuan(row.amount_fen),
            tax=yuan(row.tax_fen),
            gross=yuan(row.gross_fen),
        )
        for row in page.rows
    ]
    return _json(ApiInvoicePage(items=rows, next_cursor=page.next_cursor))


@router.get(
    "/invoices/{number}.{form}",
    operation_id="get_invoice_form",
    summary="下载版式文件 Download the XML, PDF or OFD",
    openapi_extra={
        "responses": {
            200: {
                "description": "The file",
                "content": {
                    one: {"schema": {"type": "string", "format": "binary"}}
                    for one in ("application/xml", "application/pdf", "application/ofd")
                },
            }
        }
    },
)
@access.open_to(access.TAXPAYER, scope="invoices:read")
def get_form(request: HttpRequest, number: str, form: str) -> HttpResponse:
    """Deliver one form of one's own invoice, named as users know it."""
    rendered = invoicing.render_form(number=number, form=form, actor=actor_of(request), now=clock.now())
    response = HttpResponse(rendered.data, content_type=rendered.content_type)
    response.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(rendered.file_name)}"
    return response


@router.get(
    "/invoices/{number}",
    operation_id="get_invoice",
    summary="发票详情 One invoice",
    openapi_extra=_answer(ApiInvoice),
)
@access.open_to(access.TAXPAYER, scope="invoices:read")
def get(request: HttpRequest, number: str) -> HttpResponse:
    """Read one's own invoice with its receipt."""
    actor = actor_of(request)
    document = invoicing.get_invoice(number=number, actor=actor)
    return _json(_api_invoice(document, receipt=invoicing.get_receipt(number=number, actor=actor)))


@router.get(
    "/invoices/{number}/receipt",
    operation_id="get_receipt",
    summary="受理回执 The signed receipt",
    openapi_extra=_answer(Receipt),
)
@access.open_to(access.TAXPAYER, scope="invoices:read")
def get_receipt(request: HttpRequest, number: str) -> HttpResponse:
    """Read the receipt of one's own invoice; /keys has the public key it is checked with."""
    return _json(invoicing.get_receipt(number=number, actor=actor_of(request)))


@router.post(
    "/verify",
    operation_id="verify_invoice",
    summary="发票查验 Verify an invoice",
    openapi_extra=_body(VerifyQuery, "What stands on the face.") | _answer(ApiVerification),
)
@access.open_to(access.PUBLIC)
def verify(request: HttpRequest) -> HttpResponse:
    """Tell whether number, date and total agree with an issued invoice; counted by number, day and client."""
    query = read_body(request, VerifyQuery)
    outcome = invoicing.verify_invoice(
        query=query, client=str(request.META.get("REMOTE_ADDR", "")), now=clock.now()
    )
    return _json(
        ApiVerification(
            result=str(outcome.result),
            message=_VERIFY_WORDS[str(outcome.result)].in_language(language_of(request)),
            count=outcome.count,
            state=outcome.state,
            invoice=_api_invoice(outcome.document, public=True) if outcome.document else None,
        )
    )


@router.get(
    "/limit", operation_id="get_limit", summary="授信额度 The month's limit", openapi_extra=_answer(ApiLimit)
)
@access.open_to(access.TAXPAYER, scope="invoices:read")
def limit(request: HttpRequest) -> HttpResponse:
    """Tell the total limit of the running month."""
    state = invoicing.get_limit(tax_id=actor_of(request).taxpayer_id, on=clock.today())
    return _json(
        ApiLimit(
            period=state.period,
            total=yuan(state.total_fen),
            used=yuan(state.used_fen),
            reserved=yuan(state.reserved_fen),
            available=yuan(state.available_fen),
            valid_from=str(state.valid_from or ""),
            valid_to=str(state.valid_to or ""),
        )
    )


@router.get("/keys", operation_id="list_keys", summary="验签公钥 Public keys of this node")
@access.open_to(access.PUBLIC)
def keys(request: HttpRequest) -> HttpResponse:
    """The SM2 public key under which this node signs receipts and documents."""
    signer = node_signer()
    return _json(
        {
            "node": this_node().code,
            "keys": [{"kid": signer.key_id, "alg": "SM2-SM3", "public_key_hex": signer.public_key_hex}],
        }
    )


def _api_import(outcome: invoicing.ImportOutcome, *, language: str) -> ApiImport:
    read = outcome.delivered or outcome.receiver or outcome.fields
    assert read is not None, "an import reads one of the three"
    gross_fen = read.gross_fen
    return ApiImport(
        kind_of_file=outcome.kind_of_file.in_language(language),
        number=read.number,
        kind=outcome.delivered.kind if outcome.delivered else "",
        gross="" if gross_fen is None else yuan(gross_fen),
        findings=[
            ApiFinding(code=one.code, field=one.field, message=one.text.in_language(language))
            for one in outcome.findings
        ],
        parties=[
            ApiParty(side=one.side, name=one.name, tax_id=one.tax_id, state=str(one.state))
            for one in outcome.parties
        ],
        fields=business_fields(outcome.delivered) if outcome.delivered else {},
    )


def _api_invoice(
    document: documents.InvoiceDocument,
    *,
    receipt: AnyReceipt | None = None,
    repeated: bool = False,
    public: bool = False,
) -> ApiInvoice:
    base = f"/api/v1/invoices/{document.number}"
    has_links = document.number and not public
    links = {"self": base, **{form: f"{base}.{form}" for form in ("xml", "pdf", "ofd")}} if has_links else {}
    return ApiInvoice(
        number=document.number,
        kind=document.kind,
        title=document.title,
        is_red=document.is_red,
        issued_at=document.issued_at.isoformat(),
        seller=_printed(document.seller, document.show_seller_address, document.show_seller_bank, public),
        buyer=_printed(document.buyer, document.show_buyer_address, document.show_buyer_bank, public),
        lines=[_api_line(line) for line in document.lines],
        amount=yuan(document.amount_fen),
        tax=yuan(document.tax_fen),
        gross=yuan(document.gross_fen),
        gross_in_chinese=chinese_amount(document.gross_fen),
        remark=document.printed_remark if public else document.remark,
        drawer=document.drawer,
        bureau_code=document.bureau_code,
        bureau_name=document.bureau_name,
        links=links,
        receipt=receipt,
        repeated=repeated,
    )


def _printed(party: documents.Party, address: bool, bank: bool, public: bool) -> documents.Party:
    """A party as a stranger may see it: what the face prints, no more."""
    if not public:
        return party
    return documents.Party(
        name=party.name,
        tax_id=party.tax_id,
        is_person=party.is_person,
        address=party.address if address else "",
        phone=party.phone if address else "",
        bank_name=party.bank_name if bank else "",
        bank_account=party.bank_account if bank else "",
    )


def _api_line(line: documents.Line) -> ApiLine:
    return ApiLine(
        number=line.number,
        name=line.full_name,
        tax_code=line.tax_code,
        specification=line.specification,
        unit=line.unit,
        quantity=line.quantity,
        unit_price=line.unit_price,
        amount=yuan(line.amount_fen),
        rate=line.rate,
        rate_text=line.rate_text,
        tax=yuan(line.tax_fen),
        gross=yuan(line.gross_fen),
        preference=line.preference,
        nature=line.nature,
    )

"""Every bad input of the issue, through HTTP on a running node: a coded refusal, nothing stored, nothing charged."""

import io
import json
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.worlds import World

pytestmark = pytest.mark.journey
EXAMPLE = Path(__file__).parents[2] / "docs" / "examples" / "invoice.json"
PROBLEM = {"type", "title", "status", "detail", "code", "field", "rule", "way_out", "errors"}


@pytest.fixture(scope="module")
def client(world: World) -> Iterator[httpx.Client]:
    with world.client(token=world.token()) as client:
        yield client


def example() -> dict[str, Any]:
    wanted: dict[str, Any] = json.loads(EXAMPLE.read_text(encoding="utf-8"))
    return wanted


def books(client: httpx.Client) -> tuple[str, str]:
    """What must not move when something is refused: the limit used and the newest number."""
    limit = client.get("/api/v1/limit").json()
    newest = client.get("/api/v1/invoices", params={"limit": 1}).json()["items"]
    return limit["used"], newest[0]["number"] if newest else ""


def is_problem(answer: httpx.Response, *, status: int, code: str) -> None:
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"].startswith("application/problem+json")
    problem = answer.json()
    assert set(problem) >= PROBLEM
    assert problem["code"] == code, problem
    assert problem["title"] and problem["way_out"] and problem["rule"]


def _line(**changes: Any) -> Callable[[dict[str, Any]], None]:
    def change(wanted: dict[str, Any]) -> None:
        wanted["lines"][0].update(changes)

    return change


def _head(**changes: Any) -> Callable[[dict[str, Any]], None]:
    return lambda wanted: wanted.update(changes)


def _many_lines(wanted: dict[str, Any]) -> None:
    wanted["lines"] = [wanted["lines"][0]] * 2001


CASES = [
    ("totals", _head(total_gross="1.00"), "INV-TOT-01", "total_gross"),
    (
        "check character",
        lambda w: w["buyer"].update(tax_id="91350100M000100Y44"),
        "INV-BUY-03",
        "buyer.tax_id",
    ),
    ("tax code", _line(tax_code="9999999999999999999"), "INV-COD-01", "lines[0].tax_code"),
    ("rate", _line(rate="0.17"), "INV-RAT-02", "lines[0].rate"),
    ("negative", _line(amount="-5.00", quantity=None, unit_price=None), "INV-LIN-06", "lines[0].amount"),
    ("2,001 lines", _many_lines, "INV-LIN-02", "lines"),
    ("unknown field", _head(colour="red"), "INV-REQ-03", "body"),
    ("wrong type", _line(amount=[1]), "INV-REQ-03", "lines[0].amount"),
    ("spent limit", _line(amount="9999999999999.00", quantity=None, unit_price=None), "INV-LIM-02", "lines"),
    ("control character", _head(remark="a\u0000b"), "INV-LEN-02", "remark"),
    (
        "huge exponent",
        _line(amount="1e999999999", quantity=None, unit_price=None),
        "INV-NUM-01",
        "lines[0].amount",
    ),
]


@pytest.mark.parametrize(
    ("change", "code", "field"), [case[1:] for case in CASES], ids=[case[0] for case in CASES]
)
def test_a_bad_draft_is_refused_and_leaves_no_trace(
    client: httpx.Client, change: Callable[[dict[str, Any]], None], code: str, field: str
) -> None:
    before, wanted = (
        books(client),
        example() | {"request_id": f"refused-{code}-{field[:8].replace('.', '-')}"},
    )
    wanted["request_id"] = "".join(c if c.isalnum() or c in "-_" else "-" for c in wanted["request_id"])
    change(wanted)
    answer = client.post("/api/v1/invoices", json=wanted)
    is_problem(answer, status=422, code=code)
    assert answer.json()["field"] == field
    assert books(client) == before


def test_a_refusal_speaks_the_callers_language(client: httpx.Client) -> None:
    wanted = example() | {"request_id": "refused-language", "kind": "99"}
    zh = client.post("/api/v1/invoices", json=wanted).json()["title"]
    en = client.post("/api/v1/invoices", json=wanted, headers={"Accept-Language": "en-GB"}).json()["title"]
    assert "票种" in zh
    assert "kind" in en


def test_a_30_mb_body_is_refused(client: httpx.Client) -> None:
    before = books(client)
    answer = client.post(
        "/api/v1/invoices", content=b"[" + b" " * 30_000_000, headers={"Content-Type": "application/json"}
    )
    is_problem(answer, status=413, code="NOD-WEB-02")
    assert books(client) == before


def test_a_30_mb_body_without_a_length_is_refused(client: httpx.Client) -> None:
    def chunks() -> Iterator[bytes]:
        for _ in range(30):
            yield b" " * 1_000_000

    answer = client.post("/api/v1/invoices", content=chunks(), headers={"Content-Type": "application/json"})
    is_problem(answer, status=413, code="NOD-WEB-02")


@pytest.mark.parametrize("body", [b'{"request_id": "\xff\xfe"}', b"\x80abc"])
def test_invalid_utf8_is_refused(client: httpx.Client, body: bytes) -> None:
    answer = client.post("/api/v1/invoices", content=body, headers={"Content-Type": "application/json"})
    is_problem(answer, status=400, code="INV-REQ-04")


@pytest.mark.parametrize("body", [b"", b"null", b"[1,2", b"[" * 100_000, b'"text"', b"{}"])
def test_what_is_no_draft_is_refused(client: httpx.Client, body: bytes) -> None:
    is_problem(client.post("/api/v1/invoices", content=body), status=422, code="INV-REQ-03")


def test_the_same_request_id_with_another_content_is_refused_and_the_first_stays(
    client: httpx.Client,
) -> None:
    wanted = example() | {"request_id": "refused-reused-id"}
    first = client.post("/api/v1/invoices", json=wanted)
    assert first.status_code == 201, first.text
    before = books(client)
    is_problem(
        client.post("/api/v1/invoices", json=wanted | {"remark": "other"}), status=409, code="INV-REQ-02"
    )
    again = client.post("/api/v1/invoices", json=wanted)
    assert (again.status_code, again.json()["number"], again.json()["repeated"]) == (
        200,
        first.json()["number"],
        True,
    )
    assert again.json()["receipt"] == first.json()["receipt"]
    assert books(client) == before


def test_another_taxpayers_number_and_an_unknown_one_look_the_same(
    client: httpx.Client, world: World
) -> None:
    from_import = world.cli("invoice", "import", str(_sample(world)), check=False)
    assert from_import.returncode == 0, from_import.stdout + from_import.stderr
    foreign = from_import.stdout.split("issued again as ")[1].split()[0].rstrip("（")[:20]
    for number in (foreign, "26452000009999999999", "not-a-number"):
        for path in ("", ".xml", ".pdf", ".ofd", "/receipt"):
            is_problem(client.get(f"/api/v1/invoices/{number}{path}"), status=404, code="INV-GET-01")
    is_problem(client.get("/api/v1/invoices/26452000009999999999.doc"), status=404, code="INV-GET-02")


def _sample(world: World) -> Path:
    """A delivered file of another seller: our own writing, so that the test needs no reference material."""
    path = world.home.parent / "foreign.xml"
    path.write_text(
        """<?xml version="1.0" encoding="utf-8"?>
<EInvoice><Header><EIid>25440000000000100001</EIid><EInvoiceTag>SWEI4400</EInvoiceTag><Version>0.33</Version>
<InherentLabel><InIssuType><LabelCode>Y</LabelCode></InIssuType><EInvoiceType><LabelCode>01</LabelCode></EInvoiceType>
<GeneralOrSpecialVAT><LabelCode>02</LabelCode></GeneralOrSpecialVAT><TaxpayerType><LabelCode>1</LabelCode></TaxpayerType>
</InherentLabel></Header><EInvoiceData><SellerInformation><SellerIdNum>91440000000000099X</SellerIdNum>
<SellerName>示例咨询有限公司</SellerName></SellerInformation>
<BuyerInformation><BuyerName>张三</BuyerName></BuyerInformation>
<BasicInformation><TotalAmWithoutTax>100.00</TotalAmWithoutTax>
<TotalTaxAm>6.00</TotalTaxAm>
<TotalTax-includedAmount>106.00</TotalTax-includedAmount><Drawer>李四</Drawer>
<RequestTime>2025-01-02 03:04:05</RequestTime>
</BasicInformation><IssuItemInformation>
<ItemName>*人力资源服务*劳务</ItemName><Amount>100.00</Amount><TaxRate>0.06</TaxRate>
<ComTaxAm>6.00</ComTaxAm><TotaltaxIncludedAmount>106.00</TotaltaxIncludedAmount>
<TaxClassificationCode>3040803010000000000</TaxClassificationCode></IssuItemInformation><SpecificInformation/>
<AdditionalInformation><Remark></Remark></AdditionalInformation></EInvoiceData><TaxSupervisionInfo>
<InvoiceNumber>25440000000000100001</InvoiceNumber><IssueTime>2025-01-02</IssueTime></TaxSupervisionInfo></EInvoice>""",
        encoding="utf-8",
    )
    return path


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (
            b'<!DOCTYPE a [<!ENTITY b "bbbb"><!ENTITY c "&b;&b;&b;&b;">]><EInvoice>&c;</EInvoice>',
            "INV-XML-02",
        ),
        (b"<EInvoice><Header>", "INV-XML-01"),
        (b"<Order/>", "INV-XML-05"),
        (b"", "INV-XML-01"),
        (b"PK\x03\x04 nothing", "INV-OFD-01"),
    ],
)
def test_a_hostile_file_is_refused_over_http(client: httpx.Client, data: bytes, code: str) -> None:
    before = books(client)
    answer = client.post("/api/v1/invoices/import", content=data, headers={"Content-Type": "application/xml"})
    is_problem(answer, status=422, code=code)
    assert books(client) == before


@pytest.mark.parametrize("form", ["xml", "ofd"])
def test_a_forged_file_is_refused_and_the_original_is_read(client: httpx.Client, form: str) -> None:
    issued = client.post("/api/v1/invoices", json=example() | {"request_id": f"forged-file-{form}"}).json()
    original = client.get(f"/api/v1/invoices/{issued['number']}.{form}").content
    read = client.post("/api/v1/invoices/import", content=original)
    assert (read.status_code, read.json()["number"], read.json()["gross"]) == (
        200,
        issued["number"],
        issued["gross"],
    )
    forged = altered(original, example()["buyer"]["name"].encode(), "伪造的购买方有限公司".encode())
    is_problem(client.post("/api/v1/invoices/import", content=forged), status=422, code="INV-IMP-02")


def altered(file: bytes, old: bytes, new: bytes) -> bytes:
    """The file with one text put in place of another, also inside a zip."""
    if file[:2] != b"PK":
        assert old in file
        return file.replace(old, new)
    made = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(file)) as source,
        zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as target,
    ):
        for name in source.namelist():
            target.writestr(name, source.read(name).replace(old, new))
    return made.getvalue()


def test_an_expired_limit_is_refused(world: World) -> None:
    found = world.cli("taxpayer", "search", "桂林云峰电子有限公司").stdout
    tax_id = next(word for word in found.split() if len(word) == 18 and word.startswith("91"))
    token = (
        world.cli("token", "--login", "demo-trouble", "--taxpayer", tax_id).stdout.strip().splitlines()[-1]
    )
    with world.client(token=token) as client:
        answer = client.post("/api/v1/invoices", json=example() | {"request_id": "expired-limit-1"})
        is_problem(answer, status=422, code="INV-LIM-03")
        assert client.get("/api/v1/invoices", params={"q": "expired"}).json()["items"] == []


@pytest.mark.parametrize("token", ["", "gt_wrong", "x" * 5000])
def test_without_a_good_token_nothing_opens(world: World, token: str) -> None:
    with world.client(token=token) as client:
        for method, path in (
            ("POST", "/api/v1/invoices"),
            ("GET", "/api/v1/invoices"),
            ("GET", "/api/v1/limit"),
        ):
            answer = client.request(method, path, json={} if method == "POST" else None)
            assert answer.status_code == 401, answer.text
            assert answer.json()["code"]


def test_verification_is_public_and_refuses_malformed_fields(world: World, client: httpx.Client) -> None:
    issued = client.post("/api/v1/invoices", json=example() | {"request_id": "verify-public-1"}).json()
    query = {"number": issued["number"], "issue_date": issued["issued_at"][:10], "gross": issued["gross"]}
    with world.client() as anyone:
        right = anyone.post("/api/v1/verify", json=query)
        assert (right.status_code, right.json()["result"]) == (200, "00")
        assert right.json()["invoice"]["gross"] == issued["gross"]
        wrong = anyone.post("/api/v1/verify", json=query | {"gross": "0.01"}).json()
        assert (wrong["result"], wrong["invoice"]) == ("03", None)
        none = anyone.post("/api/v1/verify", json=query | {"number": "26452000009999999999"}).json()
        assert none["result"] == "02"
        is_problem(anyone.post("/api/v1/verify", json=query | {"number": "1"}), status=422, code="INV-VER-01")
        for _ in range(5):
            last = anyone.post("/api/v1/verify", json=query)
        is_problem(last, status=429, code="INV-VER-02")
        assert int(last.headers["retry-after"]) > 0


@pytest.mark.parametrize(
    ("name", "data", "code"),
    [
        (
            "bomb",
            b'<!DOCTYPE a [<!ENTITY b "bbbb"><!ENTITY c "&b;&b;">]><EInvoice>&c;</EInvoice>',
            "INV-XML-02",
        ),
        ("cut", b"<EInvoice><Header>", "INV-XML-01"),
        ("other", b"<Order/>", "INV-XML-05"),
        ("not a zip", b"PK\x03\x04 nothing", "INV-OFD-01"),
    ],
)
def test_a_broken_or_hostile_file_says_where_and_why(
    world: World, tmp_path: Path, name: str, data: bytes, code: str
) -> None:
    file = tmp_path / "file.xml"
    file.write_bytes(data)
    outcome = world.cli("invoice", "import", str(file), check=False)
    assert outcome.returncode == 2
    assert code in outcome.stdout
    assert "Traceback" not in outcome.stdout + outcome.stderr


@pytest.mark.parametrize(
    "path", ["/api/v1/nothing", "/api/v1/invoices/%00", "/api/v1/codes/x/y", "/api/v1/invoices?limit=x"]
)
def test_unknown_addresses_and_parameters_are_problems_too(client: httpx.Client, path: str) -> None:
    answer = client.get(path)
    assert 400 <= answer.status_code < 500
    assert answer.headers["content-type"].startswith("application/problem+json")


def test_a_small_scale_seller_may_not_use_the_general_rate(world: World) -> None:
    token = world.cli("token", "--node", "45", "--login", "demo-small").stdout.strip().splitlines()[-1]
    with world.client(token=token) as client:
        wanted = example() | {"request_id": "small-general-rate"}
        answer = client.post("/api/v1/invoices", json=wanted)
        is_problem(answer, status=422, code="INV-RAT-02")

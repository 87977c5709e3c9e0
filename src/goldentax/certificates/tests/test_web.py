"""The pages ask for the right proof, show people their own certificates only, and do what they say."""

import uuid
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

import pytest
from django.contrib.messages.storage.fallback import FallbackStorage
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory
from django.urls import resolve

from goldentax.certificates import api as certificates
from goldentax.certificates.rules.keys import KeyPair
from goldentax.kernel import access
from goldentax.kernel.access import Actor

Issue = Callable[..., Any]
PERSON_ID = "0190f3a0-0000-7000-8000-000000000001"
TAX_ID = "91450100MA5KTEST1X"
FUNCTIONS = (
    "certificates.certificate.read",
    "certificates.certificate.issue",
    "certificates.certificate.revoke",
)


@pytest.fixture
def functions() -> Iterator[set[str]]:
    """The functions every actor of the test has; the real decider comes back afterwards."""
    held: set[str] = set()
    before = access._decide
    access.decided_by(lambda *, actor, function: function in held)
    yield held
    access.decided_by(before)


def _actor(*roles: str, assurance: int = 2, duties: tuple[str, ...] = (), **changes: Any) -> Actor:
    return Actor(
        **{
            "person_id": PERSON_ID,
            "person_name": "张三",
            "roles": frozenset({access.PUBLIC, access.PERSON, *roles}),
            "assurance": assurance,
            "duties": frozenset(duties),
        }
        | changes
    )


def _of_company(*duties: str, **changes: Any) -> Actor:
    return _actor(access.TAXPAYER, duties=duties, taxpayer_id=TAX_ID, taxpayer_name="广西某某公司", **changes)


def _open(path: str, actor: Actor, *, data: dict[str, str] | None = None) -> HttpResponse:
    """Call the view of an address as this actor."""
    factory = RequestFactory()
    request: HttpRequest = factory.get(path) if data is None else factory.post(path, data)
    request.actor = actor  # type: ignore[attr-defined]
    request.LANGUAGE_CODE = "zh-hans"
    request.session = {}  # type: ignore[assignment]
    request._messages = FallbackStorage(request)  # type: ignore[attr-defined]
    found = resolve(path.partition("?")[0])
    return found.func(request, *found.args, **found.kwargs)


def _csr(key: KeyPair | None = None) -> str:
    holder = certificates.Holder(kind="person", subject_id="x", name="x")
    key = key or KeyPair.generate("sm2")
    return certificates.build_request(key=key, holder=holder, organisation="x").decode()


def test_a_person_asks_for_a_certificate_and_downloads_it(stopped_clock: object, issue: Issue) -> None:
    me = _actor()
    assert "申请证书" in _open("/certificates/", me).content.decode()
    assert "BEGIN CERTIFICATE REQUEST" in _open("/certificates/ask/", me).content.decode()
    sent = {"kind": "person", "csr": _csr(), "request_id": "web-request-1"}
    answer = _open("/certificates/ask/", me, data=sent)
    assert answer.status_code == 302
    assert _open("/certificates/ask/", me, data=sent)["Location"] == answer["Location"]
    page = _open(answer["Location"], me).content.decode()
    assert "张三" in page and "个人签名证书" in page and "有效" in page
    pem = _open(answer["Location"] + "certificate.pem", me)
    assert (
        pem.content.startswith(b"-----BEGIN CERTIFICATE-----") and "attachment" in pem["Content-Disposition"]
    )
    assert _open(answer["Location"] + "certificate.cer", me).content.startswith(b"\x30\x82")


def test_a_bad_request_is_said_beside_its_field(stopped_clock: object, issue: Issue) -> None:
    answer = _open("/certificates/ask/", _actor(), data={"kind": "person", "csr": "hello"})
    assert answer.status_code == 422
    page = answer.content.decode()
    assert "CRT-CSR-01" in page and "hello" in page and "#field-csr" in page


@pytest.mark.parametrize(
    "path", ["ask/", "{serial}/renew/", "{serial}/revoke/", "books/issue/", "books/{serial}/revoke/"]
)
def test_what_changes_something_asks_for_two_factors(
    stopped_clock: object, issue: Issue, functions: set[str], path: str
) -> None:
    functions.update(FUNCTIONS)
    path = "/certificates/" + path.format(serial=issue().view.serial)
    with pytest.raises(access.StepUpNeeded):
        _open(path, _actor(access.OFFICER, assurance=1), data={})


def test_only_those_with_the_duty_manage_a_companys_certificates(stopped_clock: object, issue: Issue) -> None:
    view = issue("taxpayer", subject_id=TAX_ID).view
    sent = {"kind": "encipherment", "csr": _csr()}
    for duty, may in (("01", True), ("05", True), ("03", False), ("09", False)):
        actor = _of_company(duty)
        assert view.serial in _open("/certificates/", actor).content.decode()
        assert ("吊销" in _open(f"/certificates/{view.serial}/", actor).content.decode()) == may
        if may:
            assert _open(f"/certificates/{view.serial}/revoke/", actor).status_code == 200
            continue
        with pytest.raises(access.NotYours):
            _open(f"/certificates/{view.serial}/revoke/", actor, data={"reason": "superseded"})
        assert _open("/certificates/ask/", actor, data=sent).status_code == 422
    assert certificates.get_certificate(serial=view.serial).revoked_at is None


def test_a_strangers_certificate_is_not_found(stopped_clock: object, issue: Issue) -> None:
    serial = issue(subject_id=str(uuid.uuid4())).view.serial
    of_company = issue("taxpayer", subject_id=TAX_ID).view.serial
    for path in ("", "certificate.pem", "revoke/"):
        for one in (serial, of_company):
            with pytest.raises(certificates.UnknownCertificate):
                _open(f"/certificates/{one}/{path}", _actor())
    with pytest.raises(certificates.UnknownCertificate):
        _open(f"/certificates/{serial}/revoke/", _of_company("01"), data={"reason": "superseded"})
    assert serial not in _open("/certificates/", _actor()).content.decode()


def test_nobody_asks_for_a_kind_that_is_not_theirs(stopped_clock: object, issue: Issue) -> None:
    for kind in ("officer", "taxpayer", "node", "issuing", ""):
        answer = _open("/certificates/ask/", _actor(), data={"kind": kind, "csr": _csr()})
        assert answer.status_code == 422 and "CRT-ISS-01" in answer.content.decode()
    assert not certificates.list_of_holders(
        certificates.seen_holders(person_id=PERSON_ID, taxpayer_id=TAX_ID)
    )


def test_a_holder_revokes_with_a_reason(stopped_clock: object, issue: Issue, at: datetime) -> None:
    view = issue().view
    path = f"/certificates/{view.serial}/revoke/"
    for reason in ("", "ca_compromise", "nonsense"):
        answer = _open(path, _actor(), data={"reason": reason})
        assert answer.status_code == 422 and "CRT-REV-02" in answer.content.decode()
    assert _open(path, _actor(), data={"reason": "key_compromise"}).status_code == 302
    page = _open(f"/certificates/{view.serial}/", _actor()).content.decode()
    assert "已吊销" in page and "私钥泄露或丢失" in page
    assert certificates.get_certificate(serial=view.serial).revocation_reason == "key_compromise"


def test_a_certificate_near_its_end_is_renewed_on_its_page(stopped_clock: Any, issue: Issue) -> None:
    view = issue().view
    assert (
        "更新"
        not in _open(f"/certificates/{view.serial}/", _actor())
        .content.decode()
        .partition("gt-stack")[0][-600:]
    )
    stopped_clock.step(view.valid_to - view.valid_from - (view.valid_to - view.valid_from) / 20)
    assert "可更新" in _open("/certificates/", _actor()).content.decode()
    answer = _open(f"/certificates/{view.serial}/renew/", _actor(), data={"request_id": "web-renew-1"})
    assert answer.status_code == 302 and view.serial not in answer["Location"]


def test_officers_find_issue_and_revoke(stopped_clock: object, issue: Issue, functions: set[str]) -> None:
    functions.update(FUNCTIONS)
    officer = _actor(access.OFFICER)
    view = issue(subject_id=str(uuid.uuid4()), name="韦小红").view
    for query, found in (
        ("?q=韦小红", True),
        (f"?q={view.serial}", True),
        (f"?q={view.subject_id}", True),
        ("?q=nobody", False),
        ("?kind=person&state=valid", True),
        ("?kind=device", False),
        ("?state=revoked", False),
    ):
        assert (view.serial in _open(f"/certificates/books/{query}", officer).content.decode()) == found, (
            query
        )
    sent = {"kind": "device", "subject_id": "terminal-7", "name": "自助办税终端 7 号", "csr": _csr()}
    answer = _open("/certificates/books/issue/", officer, data=sent)
    assert answer.status_code == 302
    assert "自助办税终端 7 号" in _open(answer["Location"], officer).content.decode()
    # Nobody is given a certificate that signs them in as somebody else, nor one of the system's own.
    for kind in ("node", "person", "officer"):
        refused = _open("/certificates/books/issue/", officer, data=sent | {"kind": kind})
        assert refused.status_code == 422 and "CRT-ISS-01" in refused.content.decode()
    assert _open("/certificates/ask/", officer, data={"kind": "officer", "csr": _csr()}).status_code == 302
    path = f"/certificates/books/{view.serial}/revoke/"
    assert _open(path, officer, data={"reason": "privilege_withdrawn"}).status_code == 302
    assert "已吊销" in _open(f"/certificates/books/{view.serial}/", officer).content.decode()
    tree = _open("/certificates/authorities/", officer).content.decode()
    assert "金税根证书 SM2" in tree and "金税时间戳服务" in tree and "下次更新" in tree


@pytest.mark.parametrize(
    ("path", "function"),
    [
        ("books/", 0),
        ("authorities/", 0),
        ("books/{serial}/", 0),
        ("books/issue/", 1),
        ("books/{serial}/revoke/", 2),
    ],
)
def test_each_office_page_asks_for_its_function(
    stopped_clock: object, issue: Issue, functions: set[str], path: str, function: int
) -> None:
    path = "/certificates/" + path.format(serial=issue().view.serial)
    functions.update(one for number, one in enumerate(FUNCTIONS) if number != function)
    with pytest.raises(access.NotYours):
        _open(path, _actor(access.OFFICER))
    functions.add(FUNCTIONS[function])
    assert _open(path, _actor(access.OFFICER)).status_code == 200
    with pytest.raises(access.NotYours):
        _open(path, _actor())


def test_what_is_published_is_open_to_everybody(client: Any, stopped_clock: object, issue: Issue) -> None:
    view = issue().view
    page = client.get("/pki/")
    assert page.status_code == 200 and "root-sm2.cer" in page.content.decode()
    assert client.get(f"/pki/{view.issuer_key_id}.crl")["Cache-Control"] == "public, max-age=60"
    assert client.get(f"/pki/{view.issuer_key_id}.cer").status_code == 200
    for name in ("root-rsa.cer", "0000.crl", "issuing-sm2.key", "ocsp-sm2.crl", "x" * 60 + ".cer"):
        assert client.get(f"/pki/{name}").status_code == 404
    assert (
        client.post("/pki/timestamp/rsa", b"", content_type="application/timestamp-query").status_code == 404
    )

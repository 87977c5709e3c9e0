"""Codes, tokens, keys, consents and notices in the database; every attack that goes for them."""

import json
import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any
from urllib.parse import parse_qs

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey

from goldentax.kernel import access, clock
from goldentax.kernel.models import AuditEntry
from goldentax.oversight import api as oversight
from goldentax.signon import errors, operations, queries
from goldentax.signon.models import AccessToken, ClientSecret, Code, Grant, LogoutNotice, TokenKey
from goldentax.signon.operations import Issued, Proof
from goldentax.signon.rules import assertions, claims, jose, keys, kinds, tokens
from goldentax.signon.tests.conftest import (
    ACTOR,
    CALLBACK,
    ISSUER,
    VERIFIER,
    Program,
    Seller,
    draft,
    exchange,
    refresh,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("stopped_clock")]


def read_id_token(issued: Issued) -> dict[str, Any]:
    return jose.verify(text=issued.id_token, keys=queries.public_keys(clock.now()), types=("jwt",))


def cases() -> list[tuple[str, str]]:
    return [(one.kind, one.reasons[0][0]) for one in oversight.list_cases().cases]


def is_live(text: str) -> bool:
    return queries.find_live_token(text=text, now=clock.now()) is not None


def alarms() -> list[str]:
    return [
        row.detail["reason"] for row in AuditEntry.objects.filter(action="signon.grant.alarm").order_by("id")
    ]


# Codes


def test_a_code_is_exchanged_for_tokens_that_say_who_when_and_how(
    program: Program, seller: Seller, tokens_for: Callable[..., Issued]
):
    issued = tokens_for(program)
    told = read_id_token(issued)
    assert (told["iss"], told["aud"], told["nonce"]) == (ISSUER, program.id, "n")
    assert told["sid"] == seller.asker().session_id
    assert (told["acr"], told["amr"]) == ("urn:goldentax:acr:1", ["pwd"])
    assert told["auth_time"] == int(seller.asker().signed_in_at.timestamp())
    assert told["at_hash"] == claims.half_hash(text=issued.access_token, algorithm="ES256")
    assert str(seller.person.public_id) not in issued.id_token
    facts, _ = queries.user_info(text=issued.access_token, now=clock.now())
    assert facts["sub"] == told["sub"] and facts["tax_id"] == seller.tax_id and facts["name"]


def test_no_code_token_or_secret_is_kept_as_text(program: Program, code_for: Callable[..., str]):
    code = code_for(program)
    issued = exchange(program, code)
    kept = json.dumps(
        [list(model.objects.values_list()) for model in (Code, AccessToken, ClientSecret)],
        default=str,
    )
    for text in (code, issued.access_token, issued.refresh_token, program.secret):
        assert text not in kept
    assert all(row.sealed_secret != b"" for row in TokenKey.objects.all())


def test_a_code_used_twice_takes_back_what_it_gave(program: Program, code_for: Callable[..., str]):
    code = code_for(program)
    issued = exchange(program, code)
    assert is_live(issued.access_token)
    with pytest.raises(errors.CodeReplayed):
        exchange(program, code)
    assert not is_live(issued.access_token)
    with pytest.raises(errors.BadRefreshToken):
        refresh(program, issued.refresh_token)
    assert alarms() == ["code-replayed"] and cases() == [("alarm", "code-replayed")]


def test_a_code_of_another_client_is_refused_and_stays_good_for_its_own(
    program: Program, register: Callable[..., Program], code_for: Callable[..., str]
):
    thief, code = register(name_en="Thief"), code_for(program)
    with pytest.raises(errors.BadCode):
        exchange(thief, code)
    assert exchange(program, code).access_token


@pytest.mark.parametrize(
    "changed",
    [
        {"redirect_uri": "https://evil.example/"},
        {"redirect_uri": CALLBACK + "/"},
        {"redirect_uri": ""},
    ],
)
def test_a_code_goes_with_its_address(
    program: Program, code_for: Callable[..., str], changed: dict[str, str]
):
    code = code_for(program)
    with pytest.raises(errors.BadCode):
        exchange(program, code, **changed)
    assert exchange(program, code).access_token


@pytest.mark.parametrize("verifier", ["", "w" * 50, VERIFIER[:-1], VERIFIER + "v"])
def test_a_wrong_verifier_spends_the_code(program: Program, code_for: Callable[..., str], verifier: str):
    code = code_for(program)
    with pytest.raises(errors.WrongVerifier):
        exchange(program, code, verifier=verifier)
    with pytest.raises(errors.CodeReplayed):
        exchange(program, code)
    assert alarms() == ["wrong-verifier"] and cases() == [("alarm", "wrong-verifier")]


def test_a_code_lives_a_minute(program: Program, code_for: Callable[..., str]):
    late = code_for(program)
    with pytest.raises(errors.BadCode):
        exchange(program, late, now=clock.now() + tokens.CODE_LIVES)
    just = code_for(program)
    assert exchange(program, just, now=clock.now() + tokens.CODE_LIVES - timedelta(seconds=1))


@pytest.mark.parametrize("text", ["", "gtc_", "x", "gto_" + "a" * 43, "gtc_" + "a" * 43, "gtc_\x00"])
def test_a_text_that_is_no_code_is_refused(program: Program, text: str):
    with pytest.raises(errors.BadCode):
        exchange(program, text)


def test_a_request_is_answered_once(program: Program, seller: Seller):
    from goldentax.signon.tests.conftest import wish

    def answer() -> str:
        return operations.grant_code(
            client=program.row,
            wish=wish(program),
            asker=seller.asker(),
            ticket_id="the same",
            issuer=ISSUER,
            now=clock.now(),
        )

    answer()
    with pytest.raises(errors.StaleRequest):
        answer()
    assert Grant.objects.filter(ticket_id="the same").count() == 1


# Refresh tokens


def test_a_refresh_token_is_exchanged_once_for_its_successor(
    program: Program, tokens_for: Callable[..., Issued]
):
    first = tokens_for(program)
    second = refresh(program, first.refresh_token)
    assert len({first.refresh_token, second.refresh_token}) == 2
    before, after = read_id_token(first), read_id_token(second)
    assert [before[n] for n in ("iss", "sub", "aud", "sid", "auth_time")] == [
        after[n] for n in ("iss", "sub", "aud", "sid", "auth_time")
    ]
    assert "nonce" not in after
    assert refresh(program, second.refresh_token).access_token


def test_a_stolen_refresh_token_ends_the_whole_family_whoever_uses_it_second(
    program: Program, tokens_for: Callable[..., Issued]
):
    stolen = tokens_for(program)
    thiefs = refresh(program, stolen.refresh_token)
    assert is_live(thiefs.access_token)
    with pytest.raises(errors.RefreshTokenReused):
        refresh(program, stolen.refresh_token)
    assert not is_live(thiefs.access_token) and not is_live(stolen.access_token)
    with pytest.raises(errors.BadRefreshToken):
        refresh(program, thiefs.refresh_token)
    assert alarms() == ["token-reused"] and cases() == [("alarm", "token-reused")]


def test_a_refresh_narrows_and_never_widens(program: Program, tokens_for: Callable[..., Issued]):
    issued = tokens_for(program, scopes=("openid", "profile"))
    for wider in ("openid profile invoices:write", "openid profile:all", "taxpayer"):
        with pytest.raises(errors.ScopeUpgrade):
            refresh(program, issued.refresh_token, scope=wider)
    narrow = refresh(program, issued.refresh_token, scope="openid")
    assert narrow.scopes == ("openid",)
    told, _ = queries.user_info(text=narrow.access_token, now=clock.now())
    assert set(told) == {"sub"}
    assert refresh(program, narrow.refresh_token).scopes == ("openid", "profile")


def test_a_refresh_token_of_another_client_is_refused(
    program: Program, register: Callable[..., Program], tokens_for: Callable[..., Issued]
):
    issued, thief = tokens_for(program), register()
    with pytest.raises(errors.BadRefreshToken):
        refresh(thief, issued.refresh_token)
    assert refresh(program, issued.refresh_token)


def test_everything_ends_by_itself(program: Program, tokens_for: Callable[..., Issued]):
    now = clock.now()
    issued = tokens_for(program)
    assert queries.find_live_token(text=issued.access_token, now=now + timedelta(minutes=9))
    assert not queries.find_live_token(text=issued.access_token, now=now + tokens.ACCESS_LIVES)
    with pytest.raises(errors.BadRefreshToken):
        refresh(program, issued.refresh_token, now=now + tokens.GRANT_LIVES)
    offline = tokens_for(program, scopes=("openid", "offline_access"))
    with pytest.raises(errors.BadRefreshToken):
        refresh(program, offline.refresh_token, now=now + tokens.REFRESH_IDLE)
    text, day = offline.refresh_token, timedelta(days=1)
    for days in range(20, 180, 20):
        text = refresh(program, text, now=now + days * day).refresh_token
    with pytest.raises(errors.BadRefreshToken):
        refresh(program, text, now=now + 181 * day)


def test_a_closed_account_refreshes_nothing(
    program: Program, seller: Seller, tokens_for: Callable[..., Issued]
):
    issued = tokens_for(program, scopes=("openid", "offline_access", "invoices:read"))
    seller.person.is_active = False
    seller.person.save(update_fields=["is_active"])
    with pytest.raises(errors.BadAccessToken):
        queries.user_info(text=issued.access_token, now=clock.now())
    with pytest.raises(errors.BadRefreshToken):
        refresh(program, issued.refresh_token)
    assert not is_live(issued.access_token)


# Access tokens


def test_an_access_token_opens_the_api_as_far_as_scope_and_duty_go(
    program: Program, seller: Seller, tokens_for: Callable[..., Issued]
):
    def actor(*scopes: str) -> access.Actor:
        issued = tokens_for(program, scopes=("openid", *scopes))
        return queries.actor_of_access_token(text=issued.access_token, now=clock.now(), language="zh")

    reader, issuer = actor("invoices:read"), actor("invoices:read", "invoices:write")
    assert reader.taxpayer_id == issuer.taxpayer_id == seller.tax_id
    assert reader.channel == "api" and reader.scopes == {"invoices:read"}
    assert access.ISSUER in issuer.roles and access.ISSUER not in reader.roles
    assert access.PERSON not in issuer.roles
    with pytest.raises(errors.InsufficientScope):
        actor("profile")


@pytest.mark.parametrize("identity_", ["", "91450100MA5NOTMINE"])
def test_an_access_token_without_an_identity_that_holds_opens_nothing(
    program: Program, tokens_for: Callable[..., Issued], identity_: str
):
    issued = tokens_for(program, scopes=("openid", "invoices:read"), asker={"acting_for": identity_})
    with pytest.raises(errors.BadAccessToken):
        queries.actor_of_access_token(text=issued.access_token, now=clock.now(), language="zh")
    told, _ = queries.user_info(text=issued.access_token, now=clock.now())
    assert "tax_id" not in told


def test_a_token_for_another_resource_opens_nothing_here(
    register: Callable[..., Program], tokens_for: Callable[..., Issued]
):
    api = register(resource_uri="https://api.example.cn")
    program = register(resources=("https://api.example.cn",))
    issued = tokens_for(program, scopes=("openid", "invoices:read"), resource="https://api.example.cn")
    for read in (
        lambda: queries.user_info(text=issued.access_token, now=clock.now()),
        lambda: queries.actor_of_access_token(text=issued.access_token, now=clock.now(), language="zh"),
    ):
        with pytest.raises(errors.BadAccessToken):
            read()
    told = queries.introspect(text=issued.access_token, asker=api.row, now=clock.now())
    assert told["active"] and told["aud"] == "https://api.example.cn"
    other = register()
    assert queries.introspect(text=issued.access_token, asker=other.row, now=clock.now()) == {"active": False}


def test_a_token_without_a_resource_is_no_business_of_other_clients(
    program: Program, register: Callable[..., Program], tokens_for: Callable[..., Issued]
):
    issued, other = tokens_for(program), register()
    assert queries.introspect(text=issued.access_token, asker=program.row, now=clock.now())["active"]
    assert queries.introspect(text=issued.refresh_token, asker=program.row, now=clock.now())["active"]
    for text in (issued.access_token, issued.refresh_token, "", "x", issued.id_token):
        assert queries.introspect(text=text, asker=other.row, now=clock.now()) == {"active": False}


def test_a_refresh_token_is_no_access_token_and_the_other_way_round(
    program: Program, tokens_for: Callable[..., Issued]
):
    issued = tokens_for(program)
    for text in (issued.refresh_token, issued.id_token):
        with pytest.raises(errors.BadAccessToken):
            queries.user_info(text=text, now=clock.now())
    for text in (issued.access_token, issued.id_token):
        with pytest.raises(errors.BadRefreshToken):
            refresh(program, text)


def test_an_end_written_by_another_process_holds_within_a_second(
    program: Program, tokens_for: Callable[..., Issued]
):
    issued, now = tokens_for(program), clock.now()
    assert is_live(issued.access_token)
    AccessToken.objects.update(revoked_at=now)
    second = queries.find_live_token(text=issued.access_token, now=now + timedelta(seconds=1))
    assert second is None
    with clock.stepped(now + timedelta(seconds=1)):
        assert not is_live(issued.access_token)


def test_revoking_a_refresh_token_ends_all_and_an_access_token_only_itself(
    program: Program, register: Callable[..., Program], tokens_for: Callable[..., Issued]
):
    issued, now = tokens_for(program), clock.now()
    with pytest.raises(errors.BadTokenRequest):
        operations.revoke(client=register().row, text=issued.access_token, now=now)
    operations.revoke(client=program.row, text=issued.access_token, now=now)
    assert not is_live(issued.access_token)
    again = refresh(program, issued.refresh_token)
    operations.revoke(client=program.row, text=again.refresh_token, now=now)
    operations.revoke(client=program.row, text=again.refresh_token, now=now)
    operations.revoke(client=program.row, text="no token at all", now=now)
    assert not is_live(again.access_token)
    with pytest.raises(errors.BadRefreshToken):
        refresh(program, again.refresh_token)


# Who a person is to a client


def test_two_sectors_know_a_person_by_two_names_and_portals_by_the_public_one(
    register: Callable[..., Program], tokens_for: Callable[..., Issued], seller: Seller
):
    def subject(**changed: Any) -> str:
        return read_id_token(tokens_for(register(**changed)))["sub"]

    one, again, other = subject(), subject(), subject(sector="other.example")
    assert one == again != other
    assert len(one) == 43 and str(seller.person.public_id) not in (one, other)
    assert subject(kind=kinds.PORTAL) == str(seller.person.public_id)


@pytest.mark.parametrize("algorithm", jose.ALGORITHMS)
def test_a_client_chooses_the_algorithm_of_its_identity_tokens(
    register: Callable[..., Program], tokens_for: Callable[..., Issued], algorithm: str
):
    issued = tokens_for(register(id_token_alg=algorithm))
    assert jose.take_apart(issued.id_token).header["alg"] == algorithm
    told = read_id_token(issued)
    assert told["at_hash"] == claims.half_hash(text=issued.access_token, algorithm=algorithm)


# Keys


def test_keys_rotate_without_a_gap(program: Program, tokens_for: Callable[..., Issued]):
    now = clock.now()
    old = tokens_for(program)
    assert operations.ensure_keys(now) == 0
    assert operations.rotate_keys(actor=ACTOR, now=now) == 3
    new = tokens_for(program)
    kids = {jose.take_apart(one.id_token).header["kid"] for one in (old, new)}
    assert len(kids) == 2
    assert read_id_token(old)["sub"] == read_id_token(new)["sub"]
    later = now + keys.OVERLAP + timedelta(minutes=1)
    assert {key.kid for key in queries.public_keys(later)} & kids == {
        jose.take_apart(new.id_token).header["kid"]
    }


def test_a_compromised_key_verifies_nothing_at_once(program: Program, tokens_for: Callable[..., Issued]):
    old = tokens_for(program)
    operations.rotate_keys(actor=ACTOR, now=clock.now(), is_compromised=True)
    with pytest.raises(errors.BadSignedToken):
        read_id_token(old)
    assert read_id_token(tokens_for(program))


def test_the_worker_publishes_the_next_key_a_day_before_it_signs():
    now = clock.now()
    operations.ensure_keys(now)
    before = {key.kid for key in queries.public_keys(now)}
    eve = now + keys.SIGNS - timedelta(hours=12)
    assert operations.ensure_keys(eve) == 3
    assert operations.ensure_keys(eve) == 0
    published = {key.kid for key in queries.public_keys(eve)}
    assert before < published and len(published) == 6
    for algorithm in jose.ALGORITHMS:
        then = queries.private_key(algorithm=algorithm, now=now + keys.SIGNS + timedelta(seconds=1))
        assert then is not None and then.public.kid in published - before


def test_the_secret_of_a_key_does_not_lie_in_the_table():
    operations.ensure_keys(clock.now())
    key = queries.private_key(algorithm="SM2SM3", now=clock.now())
    row = TokenKey.objects.get(kid=key.public.kid)
    assert bytes(row.material) not in bytes(row.sealed_secret)
    assert "private" not in repr(key) and len(bytes(row.sealed_secret)) > 32


# Clients and their proofs


def proof(program: Program, **changed: str) -> Proof:
    values = {"client_id": program.id, "method": program.row.auth_method, "text": program.secret} | changed
    return Proof(**values)


def prove(wanted: Proof, **changed: Any) -> Any:
    values: dict[str, Any] = {"audiences": [ISSUER], "now": clock.now()} | changed
    return operations.authenticate_client(proof=wanted, **values)


def test_a_client_proves_itself_by_its_secret_in_its_own_way(program: Program):
    assert prove(proof(program)).client_id == program.id
    for wrong in (
        proof(program, text="gts_" + "a" * 43),
        proof(program, text=""),
        proof(program, method=kinds.SECRET_BASIC),
        proof(program, method=kinds.NONE, text=""),
        proof(program, method=kinds.PRIVATE_KEY),
        proof(program, client_id="gt-nobody"),
        proof(program, client_id="\x00"),
    ):
        with pytest.raises(errors.ClientNotProven):
            prove(wrong)


def test_a_renewed_secret_works_beside_the_old_one_for_a_week(program: Program):
    now = clock.now()
    _, second = operations.renew_secret(client_id=program.id, actor=ACTOR, now=now, request_id="r1")
    assert prove(proof(program)) and prove(proof(program, text=second))
    with pytest.raises(errors.SecretAlreadyShown):
        operations.renew_secret(client_id=program.id, actor=ACTOR, now=now, request_id="r1")
    with pytest.raises(errors.ClientNotProven):
        prove(proof(program), now=now + tokens.SECRET_OVERLAP)
    _, third = operations.renew_secret(client_id=program.id, actor=ACTOR, now=now)
    with pytest.raises(errors.ClientNotProven):
        prove(proof(program))
    assert operations.end_old_secrets(client_id=program.id, actor=ACTOR, now=now) == 1
    with pytest.raises(errors.ClientNotProven):
        prove(proof(program, text=second))
    assert prove(proof(program, text=third), now=now + timedelta(days=700))


def test_a_signed_assertion_proves_a_client_once(register: Callable[..., Program]):
    key, other = ECKey.generate_key("P-256"), ECKey.generate_key("P-256")
    program = register(
        auth_method=kinds.PRIVATE_KEY, public_keys={"keys": [key.as_dict(private=False, kid="k1")]}
    )
    second = int(clock.now().timestamp())

    def assertion(signs: ECKey = key, kid: str = "k1", **changed: Any) -> Proof:
        told = {
            "iss": program.id,
            "sub": program.id,
            "aud": ISSUER,
            "jti": f"{changed}{kid}",
            "exp": second + 60,
        } | changed
        return proof(program, text=jwt.encode({"alg": "ES256", "kid": kid}, told, signs))

    good = assertion()
    assert prove(good).client_id == program.id
    for wrong in (
        good,
        assertion(signs=other),
        assertion(kid="k2"),
        assertion(aud="https://other.example"),
        assertion(exp=second - 3600),
        proof(program, text="x.y.z"),
        proof(program, text=""),
        proof(program, method=kinds.SECRET_POST, text="gts_" + "a" * 43),
    ):
        with pytest.raises(errors.ClientNotProven):
            prove(wrong)


def test_a_native_app_has_no_secret_and_may_not_introspect(register: Callable[..., Program]):
    program = register(kind=kinds.NATIVE, auth_method=kinds.NONE, redirect_uris=("http://127.0.0.1/cb",))
    assert program.secret == "" and prove(proof(program, text=""))
    with pytest.raises(errors.ClientNotProven):
        prove(proof(program, text=""), is_public_welcome=False)
    with pytest.raises(errors.NoSecretInUse):
        operations.renew_secret(client_id=program.id, actor=ACTOR, now=clock.now())


def test_a_stopped_client_holds_nothing_and_proves_nothing(
    program: Program, tokens_for: Callable[..., Issued]
):
    issued = tokens_for(program)
    operations.stop_client(client_id=program.id, actor=ACTOR, now=clock.now())
    operations.stop_client(client_id=program.id, actor=ACTOR, now=clock.now())
    assert not is_live(issued.access_token)
    with pytest.raises(errors.ClientNotProven):
        prove(proof(program))
    with pytest.raises(errors.ClientIsStopped):
        operations.renew_secret(client_id=program.id, actor=ACTOR, now=clock.now())
    operations.start_client(client_id=program.id, actor=ACTOR, now=clock.now())
    assert prove(proof(program))
    assert not is_live(issued.access_token)
    with pytest.raises(errors.BadRefreshToken):
        refresh(program, issued.refresh_token)


def test_the_same_registration_twice_makes_one_client(db: None):
    operations.add_client(draft=draft(), actor=ACTOR, now=clock.now(), request_id="once")
    with pytest.raises(errors.SecretAlreadyShown):
        operations.add_client(draft=draft(), actor=ACTOR, now=clock.now(), request_id="once")


def test_a_change_is_written_down_and_the_kind_stays(program: Program):
    now = clock.now()
    changed = operations.change_client(
        client_id=program.id, draft=draft(name_en="Renamed"), actor=ACTOR, now=now
    )
    assert changed.name_en == "Renamed"
    row = AuditEntry.objects.filter(action="signon.client.change").latest("id")
    assert row.detail == {"name_en": "Renamed"} and row.category == "privileged"
    with pytest.raises(errors.BadKind):
        operations.change_client(client_id=program.id, draft=draft(kind=kinds.PORTAL), actor=ACTOR, now=now)
    with pytest.raises(errors.NoSuchClient):
        operations.change_client(client_id="gt-nobody", draft=draft(), actor=ACTOR, now=now)


def test_clients_are_listed_the_newest_first_page_by_page(
    register: Callable[..., Program], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("goldentax.signon.queries.clients.PAGE_SIZE", 2)
    made = [register(name_en=f"Client {number}").id for number in range(5)]
    operations.stop_client(client_id=made[0], actor=ACTOR, now=clock.now())
    seen, after = [], ""
    for _ in range(3):
        rows, after, count = queries.list_clients(queries.ClientFilter(after=after))
        seen += [row.client_id for row in rows]
    assert (seen, after, count) == (made[::-1], "", 5)
    found = queries.list_clients(queries.ClientFilter(text="client 3", kind="outside", state="active"))
    assert [row.client_id for row in found[0]] == [made[3]]
    assert queries.list_clients(queries.ClientFilter(state="stopped"))[0][0].client_id == made[0]


def test_a_resource_has_one_owner(register: Callable[..., Program]):
    register(resource_uri="https://api.example.cn")
    with pytest.raises(errors.BadResource):
        register(resource_uri="https://api.example.cn")


# Consent


def consent(program: Program, seller: Seller, *scopes: str, acting_for: str | None = None) -> Any:
    return operations.give_consent(
        client=program.row,
        person_id=seller.person.public_id,
        person_name=seller.person.name,
        acting_for=seller.tax_id if acting_for is None else acting_for,
        scopes=scopes,
        actor=ACTOR,
        now=clock.now(),
    )


def test_consent_is_remembered_for_its_scopes_and_identity(program: Program, seller: Seller):
    consent(program, seller, "openid", "profile")

    def covers(*scopes: str, acting_for: str = seller.tax_id) -> bool:
        return queries.covers(
            client=program.row, person_id=seller.person.public_id, acting_for=acting_for, scopes=scopes
        )

    assert covers("openid") and covers("openid", "profile")
    assert not covers("openid", "taxpayer") and not covers("openid", acting_for="")
    consent(program, seller, "taxpayer")
    assert covers("openid", "profile", "taxpayer")


def test_a_consent_withdrawn_ends_the_tokens_it_carried(
    program: Program, seller: Seller, tokens_for: Callable[..., Issued]
):
    row = consent(program, seller, "openid", "profile", "offline_access")
    issued = tokens_for(program, scopes=("openid", "offline_access"))
    someone = "00000000-0000-7000-8000-00000000000f"
    for administers in ("", "91450100MA5NOTMINE"):
        with pytest.raises(errors.NoSuchConsent):
            operations.withdraw_consent(
                consent_id=row.public_id,
                person_id=someone,
                administers=administers,
                actor=ACTOR,
                now=clock.now(),
            )
    assert is_live(issued.access_token)
    assert [one.is_mine for one in queries.list_apps(person_id=someone, administers=seller.tax_id)] == [False]
    for _ in range(2):
        operations.withdraw_consent(
            consent_id=row.public_id,
            person_id=someone,
            administers=seller.tax_id,
            actor=ACTOR,
            now=clock.now(),
        )
    assert not is_live(issued.access_token)
    with pytest.raises(errors.BadRefreshToken):
        refresh(program, issued.refresh_token)
    assert queries.list_apps(person_id=seller.person.public_id, administers="") == []


# Sign-out


SESSION = "0199a0b0-0000-7000-8000-00000000000a"


def test_a_session_that_ends_takes_its_tokens_with_it(
    program: Program, register: Callable[..., Program], tokens_for: Callable[..., Issued]
):
    issued = tokens_for(program)
    kept = tokens_for(program, asker={"session_id": "another"})
    offline = tokens_for(register(), scopes=("openid", "offline_access"))
    operations.end_sessions([SESSION], clock.now())
    assert not is_live(issued.access_token) and is_live(kept.access_token)
    with pytest.raises(errors.BadRefreshToken):
        refresh(program, issued.refresh_token)
    assert not is_live(offline.access_token)
    grant = AccessToken.objects.get(digest=tokens.digest(offline.access_token)).grant
    again = operations.refresh(client=grant.client, text=offline.refresh_token, scope="", now=clock.now())
    assert is_live(again.access_token)


def test_a_code_of_a_session_that_ended_is_worth_nothing(program: Program, code_for: Callable[..., str]):
    code = code_for(program)
    operations.end_sessions([SESSION], clock.now())
    with pytest.raises(errors.BadCode):
        exchange(program, code)


class Listener(HTTPServer):
    """A client's ear for sign-outs, on loopback."""

    def __init__(self) -> None:
        self.heard: list[str] = []
        self.answers = [200]
        super().__init__(("127.0.0.1", 0), _Ear)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/logout"


class _Ear(BaseHTTPRequestHandler):
    server: Listener

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        self.server.heard += parse_qs(body)["logout_token"]
        status = self.server.answers.pop(0) if len(self.server.answers) > 1 else self.server.answers[0]
        self.send_response(status)
        if status == 302:
            self.send_header("Location", self.server.url)
        self.end_headers()

    def log_message(self, *args: object) -> None:
        return


@pytest.fixture
def listener() -> Iterator[Listener]:
    server = Listener()
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()


def test_clients_are_told_once_who_signed_out(
    register: Callable[..., Program], tokens_for: Callable[..., Issued], listener: Listener
):
    program = register(back_channel_uri=listener.url)
    deaf = register(back_channel_uri="")
    subject = read_id_token(tokens_for(program))["sub"]
    tokens_for(program), tokens_for(deaf)
    now = clock.now()
    operations.end_sessions([SESSION], now)
    operations.end_sessions([SESSION], now)
    assert operations.send_due(now) == 1 and operations.send_due(now) == 0
    (text,) = listener.heard
    told = jose.verify(text=text, keys=queries.public_keys(now), types=("logout+jwt",))
    assert (told["sid"], told["sub"], told["aud"], told["iss"]) == (SESSION, subject, program.id, ISSUER)
    assert told["events"] == {claims.LOGOUT_EVENT: {}} and "nonce" not in told
    with pytest.raises(errors.BadIdTokenHint):
        queries.read_id_token_hint(text=text, now=now)


def test_a_notice_is_tried_again_with_the_same_number_until_it_is_taken(
    register: Callable[..., Program], tokens_for: Callable[..., Issued], listener: Listener
):
    tokens_for(register(back_channel_uri=listener.url))
    now = clock.now()
    listener.answers = [503, 302, 400, 200]
    operations.end_sessions([SESSION], now)
    tried = 0
    while LogoutNotice.objects.filter(next_try_at__isnull=False).exists():
        due = LogoutNotice.objects.get().next_try_at
        operations.send_due(due - timedelta(seconds=1))
        operations.send_due(due)
        tried += 1
    notice = LogoutNotice.objects.get()
    assert (tried, notice.tries, notice.answer, notice.gave_up_at) == (4, 4, "HTTP 200", None)
    assert len(listener.heard) == 4
    assert len({jose.take_apart(text).claims["jti"] for text in listener.heard}) == 1


def test_a_client_that_is_never_there_is_given_up_and_says_why(
    program: Program, tokens_for: Callable[..., Issued]
):
    tokens_for(program)
    now = clock.now()
    operations.end_sessions([SESSION], now)
    for _ in range(12):
        now = LogoutNotice.objects.get().next_try_at or now
        assert operations.send_due(now) == 0
    notice = LogoutNotice.objects.get()
    assert notice.gave_up_at is not None and notice.delivered_at is None and notice.answer == "ConnectError"


def test_what_is_old_is_cleared_and_what_serves_a_rule_is_kept(
    program: Program, tokens_for: Callable[..., Issued]
):
    issued, now = tokens_for(program, scopes=("openid", "offline_access")), clock.now()
    refresh(program, issued.refresh_token)
    operations.tidy(now + timedelta(days=100))
    assert AccessToken.objects.count() == 0
    with pytest.raises(errors.RefreshTokenReused):
        refresh(program, issued.refresh_token, now=now + timedelta(days=100))
    operations.tidy(now + timedelta(days=300))
    assert Grant.objects.count() == 0


def test_the_type_of_an_assertion_is_the_standards():
    assert assertions.TYPE == "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"

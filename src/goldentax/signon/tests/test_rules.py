"""Decisions of the provider: what may be registered, asked and believed."""

import hashlib
import hmac
from datetime import datetime, timedelta

import msgspec
import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, JWKRegistry

from goldentax.kernel.clock import CHINA
from goldentax.signon import errors
from goldentax.signon.rules import (
    assertions,
    claims,
    clients,
    interaction,
    jose,
    keys,
    kinds,
    methods,
    notices,
    pkce,
    redirects,
    requests,
    scopes,
    tokens,
)
from goldentax.signon.rules.encoding import base64url, unbase64url

NOW = datetime(2026, 11, 21, 10, 0, tzinfo=CHINA)
CALLBACK = "https://erp.example.cn/callback"


def a_key(algorithm: str, kid: str = "one") -> jose.SigningKey:
    secret, material = jose.new_secret(algorithm)
    return jose.signing_key(kid=kid, algorithm=algorithm, secret=secret, material=material)


# Signed tokens


@pytest.mark.parametrize("algorithm", jose.ALGORITHMS)
def test_a_signed_token_is_believed_and_a_changed_one_is_not(algorithm: str):
    key = a_key(algorithm)
    text = jose.sign(claims={"sub": "张三"}, key=key, type_="JWT")
    assert jose.verify(text=text, keys=[key.public], types=("jwt",)) == {"sub": "张三"}
    head, body, signature = text.split(".")
    changed = base64url(msgspec.json.encode({"sub": "李四"}))
    for forged in (
        f"{head}.{changed}.{signature}",
        f"{head}.{body}.{signature[:-4]}AAAA",
        f"{head}.{body}.",
        f"{head}.{body}",
        f"{head}.{body}.{signature}.",
        f"{head}.{body}.{signature}=",
        "x" * 9000,
    ):
        with pytest.raises(errors.BadSignedToken):
            jose.verify(text=forged, keys=[key.public], types=("jwt",))


@pytest.mark.parametrize("algorithm", jose.COMMON)
def test_an_independent_library_reads_what_we_sign(algorithm: str):
    key = a_key(algorithm)
    text = jose.sign(claims={"sub": "a"}, key=key, type_="JWT")
    read = jwt.decode(text, JWKRegistry.import_key(key.public.jwk()), algorithms=[algorithm])
    assert (read.claims, read.header["kid"]) == ({"sub": "a"}, "one")


def test_we_read_what_an_independent_library_signs_with_es256():
    theirs = ECKey.generate_key("P-256")
    registered = jose.read_client_keys({"keys": [theirs.as_dict(private=False, kid="k1", alg="ES256")]})
    text = jwt.encode({"alg": "ES256", "kid": "k1"}, {"sub": "a"}, theirs)
    assert jose.verify(text=text, keys=registered, types=("jwt",)) == {"sub": "a"}


def forged_with(header: dict[str, object], signature: bytes = b"") -> str:
    return ".".join([base64url(msgspec.json.encode(header)), base64url(b'{"sub":"a"}'), base64url(signature)])


def test_a_token_that_says_none_is_refused():
    key = a_key(jose.ES256)
    for name in ("none", "None", "NONE", ""):
        with pytest.raises(errors.BadSignedToken):
            jose.verify(
                text=forged_with({"alg": name, "kid": "one", "typ": "JWT"}), keys=[key.public], types=("jwt",)
            )


def test_a_public_key_is_never_taken_for_a_shared_secret():
    key = a_key(jose.ES256)
    pem = ECKey.import_key(key.public.jwk()).as_pem(private=False)
    for secret in (pem, key.public.material, msgspec.json.encode(key.public.jwk())):
        head = base64url(msgspec.json.encode({"alg": "HS256", "kid": "one", "typ": "JWT"}))
        data = f"{head}.{base64url(b'{}')}"
        text = f"{data}.{base64url(hmac.digest(secret, data.encode(), 'sha256'))}"
        with pytest.raises(errors.BadSignedToken):
            jose.verify(text=text, keys=[key.public], types=("jwt",))


@pytest.mark.parametrize(
    ("signs", "says"), [(one, other) for one in jose.ALGORITHMS for other in jose.ALGORITHMS if one != other]
)
def test_the_algorithms_are_not_swapped(signs: str, says: str):
    key = a_key(signs)
    data = f"{base64url(msgspec.json.encode({'alg': says, 'kid': 'one', 'typ': 'JWT'}))}.{base64url(b'{}')}"
    text = f"{data}.{base64url(key.sign(data.encode()))}"
    swapped = jose.PublicKey("one", says, key.public.material)
    with pytest.raises(errors.BadSignedToken):
        jose.verify(text=text, keys=[key.public], types=("jwt",))
    # Even where somebody publishes the same point under the other algorithm, the other arithmetic finds nothing.
    with pytest.raises((errors.BadSignedToken, ValueError)):
        jose.verify(text=text, keys=[swapped], types=("jwt",))


def test_another_key_id_another_type_and_doubled_ids_are_refused():
    key, other = a_key(jose.ES256), a_key(jose.ES256, "two")
    text = jose.sign(claims={}, key=key, type_="logout+jwt")
    for held, types in (
        ([other.public], ("logout+jwt",)),
        ([], ("logout+jwt",)),
        ([key.public, key.public], ("logout+jwt",)),
        ([key.public], ("jwt",)),
    ):
        with pytest.raises(errors.BadSignedToken):
            jose.verify(text=text, keys=held, types=types)


def test_an_extension_that_must_be_understood_is_refused():
    key = a_key(jose.ES256)
    header = {"alg": "ES256", "kid": "one", "typ": "JWT", "crit": ["exp"], "exp": 1}
    data = f"{base64url(msgspec.json.encode(header))}.{base64url(b'{}')}"
    with pytest.raises(errors.BadSignedToken):
        jose.verify(text=f"{data}.{base64url(key.sign(data.encode()))}", keys=[key.public], types=("jwt",))


def test_the_sm2_key_is_published_as_documented_and_its_hash_is_sm3():
    key = a_key(jose.SM2SM3)
    jwk = key.public.jwk()
    assert {name: jwk[name] for name in ("kty", "crv", "alg", "use", "kid")} == {
        "kty": "EC",
        "crv": "SM2",
        "alg": "SM2SM3",
        "use": "sig",
        "kid": "one",
    }
    assert unbase64url(jwk["x"]) + unbase64url(jwk["y"]) == key.public.material
    es256 = base64url(hashlib.sha256(b"token").digest()[:16])
    assert claims.half_hash(text="token", algorithm=jose.ES256) == es256
    assert claims.half_hash(text="token", algorithm=jose.SM2SM3) != es256


def good_jwk() -> dict[str, object]:
    return ECKey.generate_key("P-256").as_dict(private=False, kid="k1")


@pytest.mark.parametrize(
    "changed",
    [
        {"d": "AAAA"},
        {"kty": "RSA"},
        {"kty": "oct", "k": "AAAA"},
        {"crv": "P-384"},
        {"crv": "SM2"},
        {"alg": "HS256"},
        {"kid": ""},
        {"kid": 7},
        {"x": base64url(b"\x01" * 32)},
        {"x": "!"},
        {"y": None},
    ],
)
def test_a_key_that_is_no_public_p256_key_is_not_registered(changed: dict[str, object]):
    assert jose.read_client_keys({"keys": [good_jwk()]})
    with pytest.raises(errors.BadPublicKeys):
        jose.read_client_keys({"keys": [good_jwk() | changed]})


def test_a_key_set_without_keys_or_with_doubled_ids_is_not_registered():
    for broken in ({}, [], {"keys": []}, {"keys": [good_jwk(), good_jwk()]}, {"keys": ["x"]}, None):
        with pytest.raises(errors.BadPublicKeys):
            jose.read_client_keys(broken)


@pytest.mark.parametrize("text", ["a", "a=", "ab==", "a b", "ab+/", "aB"])
def test_base64_has_one_form(text: str):
    with pytest.raises(ValueError, match="base64url"):
        unbase64url(text)


# PKCE


def test_the_example_of_the_standard_answers_its_challenge():
    """RFC 7636, appendix B."""
    verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
    challenge = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
    pkce.check_challenge(challenge=challenge, method="S256")
    assert pkce.is_answered(challenge=challenge, verifier=verifier)
    assert not pkce.is_answered(challenge=challenge, verifier=verifier[:-1] + "l")
    assert not pkce.is_answered(challenge=challenge, verifier=challenge)
    assert not pkce.is_answered(challenge=challenge, verifier="")


@pytest.mark.parametrize(
    ("challenge", "method"),
    [("", ""), ("a" * 43, "plain"), ("a" * 43, ""), ("a" * 42, "S256"), ("a" * 44, "S256")],
)
def test_a_request_without_pkce_or_with_a_weaker_one_is_refused(challenge: str, method: str):
    with pytest.raises(errors.PkceNeeded):
        pkce.check_challenge(challenge=challenge, method=method)


# Addresses


@pytest.mark.parametrize("kind", list(kinds.KINDS))
@pytest.mark.parametrize(
    "uri",
    [
        "",
        "erp.example.cn/callback",
        "http://erp.example.cn/callback",
        "https://erp.example.cn/callback#x",
        "https://erp.example.cn/*",
        "https://*.example.cn/callback",
        "https://user@erp.example.cn/callback",
        "https://erp.example.cn/a/../callback",
        "https://erp.example.cn/a/%2e%2e/callback",
        "https:///callback",
        "https://erp.example.cn\\@evil.example/",
        "https://erp.example.cn/ callback",
        "https://erp.example.cn/回调",
        "https://erp.example.cn:port/",
        "javascript:alert(1)",
        "data:text/html,x",
        "myapp://callback",
        "http://localhost/callback",
        "http://127.0.0.1.evil.example/callback",
        "https://erp.example.cn/" + "a" * 500,
    ],
)
def test_an_unsafe_address_is_not_registered(uri: str, kind: str):
    with pytest.raises(errors.BadRedirectUri):
        redirects.check_redirect_uri(uri=uri, kind=kind)


def test_loopback_is_for_native_apps_alone():
    for uri in ("http://127.0.0.1/cb", "http://127.0.0.1:8123/cb", "http://[::1]/cb"):
        redirects.check_redirect_uri(uri=uri, kind=kinds.NATIVE)
        with pytest.raises(errors.BadRedirectUri):
            redirects.check_redirect_uri(uri=uri, kind=kinds.OUTSIDE)


@pytest.mark.parametrize(
    "wanted",
    [
        CALLBACK + "/",
        CALLBACK + "?x=1",
        CALLBACK + "#",
        CALLBACK + "/../evil",
        CALLBACK.upper(),
        "https://erp.example.cn:443/callback",
        "https://erp.example.cn.evil.example/callback",
        "https://erp.example.cn@evil.example/callback",
        "https://evil.example/?https://erp.example.cn/callback",
        "//erp.example.cn/callback",
        "http://erp.example.cn/callback",
        "",
    ],
)
def test_only_the_registered_address_matches(wanted: str):
    assert redirects.is_registered(wanted=CALLBACK, registered=[CALLBACK], kind=kinds.OUTSIDE)
    assert not redirects.is_registered(wanted=wanted, registered=[CALLBACK], kind=kinds.OUTSIDE)
    assert not redirects.is_registered(wanted=wanted, registered=[CALLBACK], kind=kinds.NATIVE)


def test_a_native_app_listens_on_any_port_of_loopback_and_nowhere_else():
    registered = ["http://127.0.0.1/cb", "http://[::1]/cb"]

    def matches(wanted: str, kind: str = kinds.NATIVE) -> bool:
        return redirects.is_registered(wanted=wanted, registered=registered, kind=kind)

    assert matches("http://127.0.0.1:51234/cb") and matches("http://[::1]:51234/cb")
    for wanted in (
        "http://127.0.0.1:51234/other",
        "http://127.0.0.1:51234/cb?x",
        "http://127.0.0.1:51234@evil.example/cb",
        "http://localhost:51234/cb",
        "http://127.0.0.2:51234/cb",
        "https://127.0.0.1:51234/cb",
        "http://127.0.0.1:99999/cb",
        "http://evil.example:51234/cb",
    ):
        assert not matches(wanted), wanted
    assert not matches("http://127.0.0.1:51234/cb", kinds.OUTSIDE)


def test_an_answer_keeps_the_query_that_was_registered():
    told = redirects.with_parameters("https://a.cn/cb?tenant=1", {"code": "x&y", "state": "张"})
    assert told == "https://a.cn/cb?tenant=1&code=x%26y&state=%E5%BC%A0"


# The request


def asked(**changed: str) -> dict[str, str]:
    values = {
        "client_id": "gt-x",
        "redirect_uri": CALLBACK,
        "response_type": "code",
        "scope": "openid profile",
        "state": "s",
        "nonce": "n",
        "code_challenge": "a" * 43,
        "code_challenge_method": "S256",
    } | changed
    return {name: value for name, value in values.items() if value}


def read(**changed: str) -> requests.Wish:
    return requests.read_wish(
        asked(**changed),
        scopes_allowed=["openid", "profile", "offline_access"],
        resources_allowed=["https://api.example.cn"],
    )


def test_a_good_request_is_read():
    wish = read(max_age="60", acr_values="urn:goldentax:acr:3 urn:goldentax:acr:2", prompt="login consent")
    assert (wish.scopes, wish.state, wish.nonce) == (("openid", "profile"), "s", "n")
    assert (wish.max_age_s, wish.level, wish.prompts) == (60, 2, {"login", "consent"})


@pytest.mark.parametrize(
    ("changed", "refusal", "word"),
    [
        ({"response_type": ""}, errors.BadAuthorizationRequest, "invalid_request"),
        ({"response_type": "token"}, errors.UnsupportedResponseType, "unsupported_response_type"),
        ({"response_type": "code id_token"}, errors.UnsupportedResponseType, "unsupported_response_type"),
        ({"response_mode": "fragment"}, errors.BadAuthorizationRequest, "invalid_request"),
        ({"response_mode": "form_post"}, errors.BadAuthorizationRequest, "invalid_request"),
        ({"code_challenge": ""}, errors.PkceNeeded, "invalid_request"),
        ({"code_challenge_method": "plain"}, errors.PkceNeeded, "invalid_request"),
        ({"code_challenge_method": ""}, errors.PkceNeeded, "invalid_request"),
        ({"scope": "profile"}, errors.UnknownScope, "invalid_scope"),
        ({"scope": ""}, errors.UnknownScope, "invalid_scope"),
        ({"scope": "openid taxpayer"}, errors.UnknownScope, "invalid_scope"),
        ({"scope": "openid admin"}, errors.UnknownScope, "invalid_scope"),
        ({"prompt": "none login"}, errors.BadAuthorizationRequest, "invalid_request"),
        ({"prompt": "create"}, errors.BadAuthorizationRequest, "invalid_request"),
        ({"max_age": "-1"}, errors.BadAuthorizationRequest, "invalid_request"),
        ({"max_age": "٣"}, errors.BadAuthorizationRequest, "invalid_request"),
        ({"max_age": "9" * 12}, errors.BadAuthorizationRequest, "invalid_request"),
        ({"acr_values": "phr"}, errors.UnmetAssurance, "unmet_authentication_requirements"),
        ({"nonce": "n" * 300}, errors.BadAuthorizationRequest, "invalid_request"),
        ({"request": "eyJ"}, errors.RequestObjectNotOffered, "request_not_supported"),
        ({"request_uri": "https://x"}, errors.RequestUriNotOffered, "request_uri_not_supported"),
        ({"registration": "{}"}, errors.RegistrationNotOffered, "registration_not_supported"),
        ({"resource": "https://other.example.cn"}, errors.UnknownResource, "invalid_target"),
    ],
)
def test_a_bad_request_is_refused_in_the_standards_words(
    changed: dict[str, str], refusal: type[errors.ProtocolRefusal], word: str
):
    with pytest.raises(refusal) as caught:
        read(**changed)
    assert caught.value.oauth == word


def test_a_doubled_parameter_is_refused_and_an_unknown_one_passed_over():
    assert requests.first_values({"client_id": ["a"], "utm": ["1", "2"]}) == {"client_id": "a"}
    with pytest.raises(errors.BadAuthorizationRequest):
        requests.first_values({"redirect_uri": [CALLBACK, "https://evil.example"]})
    with pytest.raises(errors.BadAuthorizationRequest):
        requests.first_values({"state": ["s" * 2001]})


# What must happen first


def present(*, minutes_ago: int = 5, assurance: int = 1, is_hinted: bool = True) -> interaction.Present:
    return interaction.Present(
        signed_in_at=NOW - timedelta(minutes=minutes_ago), assurance=assurance, is_hinted=is_hinted
    )


def step(
    wish: requests.Wish,
    who: interaction.Present | None,
    *,
    consent: bool = True,
    done: tuple[str, ...] = (),
    began_minutes_ago: int = 0,
) -> str:
    return interaction.next_step(
        wish=wish,
        present=who,
        progress=interaction.Progress(
            began_at=NOW - timedelta(minutes=began_minutes_ago), done=frozenset(done)
        ),
        is_consent_held=consent,
        now=NOW,
    )


def test_the_steps_come_one_after_the_other():
    wish = read(prompt="select_account consent", acr_values="urn:goldentax:acr:2", max_age="60")
    assert step(wish, None) == interaction.SIGN_IN
    assert step(wish, present()) == interaction.SIGN_IN_ANEW
    fresh = present(minutes_ago=1)
    assert step(wish, fresh, began_minutes_ago=2) == interaction.CHOOSE
    done = (interaction.CHOOSE,)
    assert step(wish, fresh, began_minutes_ago=2, done=done) == interaction.STEP_UP
    strong = present(minutes_ago=1, assurance=2)
    assert step(wish, strong, began_minutes_ago=2, done=done) == interaction.CONSENT
    done = (interaction.CHOOSE, interaction.CONSENT)
    assert step(wish, strong, began_minutes_ago=2, done=done) == interaction.GO
    assert step(wish, strong, began_minutes_ago=2, done=done, consent=False) == interaction.CONSENT


def test_prompt_login_wants_a_sign_in_younger_than_the_request():
    wish = read(prompt="login")
    assert step(wish, present(minutes_ago=0)) == interaction.GO
    assert step(wish, present(minutes_ago=1)) == interaction.SIGN_IN_ANEW
    assert step(wish, present(minutes_ago=1), began_minutes_ago=2) == interaction.GO


def test_a_hint_at_somebody_else_wants_a_new_sign_in():
    assert step(read(), present(is_hinted=False)) == interaction.SIGN_IN_ANEW
    assert step(read(), present(is_hinted=False), began_minutes_ago=9) == interaction.GO


def test_a_step_up_that_did_not_reach_the_level_goes_back_to_the_client():
    with pytest.raises(errors.UnmetAssurance):
        step(read(acr_values="urn:goldentax:acr:3"), present(), done=(interaction.STEP_UP,))


@pytest.mark.parametrize(
    ("changed", "who", "consent", "refusal"),
    [
        ({}, None, True, errors.LoginRequired),
        ({"max_age": "60"}, present(), True, errors.LoginRequired),
        ({}, present(is_hinted=False), True, errors.LoginRequired),
        ({}, present(), False, errors.ConsentRequired),
        ({"acr_values": "urn:goldentax:acr:2"}, present(), True, errors.UnmetAssurance),
    ],
)
def test_prompt_none_never_shows_a_page(
    changed: dict[str, str],
    who: interaction.Present | None,
    consent: bool,
    refusal: type[errors.ProtocolRefusal],
):
    assert step(read(prompt="none"), present()) == interaction.GO
    with pytest.raises(refusal):
        step(read(prompt="none", **changed), who, consent=consent)


# Clients


def draft(**changed: object) -> clients.ClientDraft:
    values: dict[str, object] = {
        "name_zh": "用友 ERP",
        "name_en": "ERP",
        "kind": kinds.OUTSIDE,
        "owner_kind": kinds.OFFICE,
        "owner_code": "14501000000",
        "owner_name": "某税务局",
        "auth_method": kinds.SECRET_BASIC,
        "redirect_uris": (CALLBACK,),
        "scopes": ("openid", "profile"),
    } | changed
    return clients.ClientDraft(**values)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("changed", "refusal"),
    [
        ({"name_zh": " "}, errors.BadClientName),
        ({"name_en": "x" * 81}, errors.BadClientName),
        ({"kind": "spa"}, errors.BadKind),
        ({"auth_method": "none"}, errors.BadAuthMethod),
        ({"auth_method": "client_secret_jwt"}, errors.BadAuthMethod),
        ({"kind": "native"}, errors.BadAuthMethod),
        ({"auth_method": "private_key_jwt"}, errors.BadPublicKeys),
        ({"redirect_uris": ()}, errors.BadRedirectUri),
        ({"redirect_uris": ("http://x.cn/",)}, errors.BadRedirectUri),
        ({"post_logout_uris": ("javascript:1",)}, errors.BadLogoutUri),
        ({"back_channel_uri": "http://internal.example/"}, errors.BadLogoutUri),
        ({"id_token_alg": "none"}, errors.BadSigningAlgorithm),
        ({"id_token_alg": "HS256"}, errors.BadSigningAlgorithm),
        ({"scopes": ("profile",)}, errors.BadClientScopes),
        ({"scopes": ("openid", "root")}, errors.BadClientScopes),
        ({"redirect_uris": (CALLBACK, "https://other.cn/cb")}, errors.BadSector),
        ({"sector": "a|b"}, errors.BadSector),
        ({"owner_code": "1"}, errors.BadOwner),
        ({"owner_name": ""}, errors.BadOwner),
        ({"kind": "portal", "owner_kind": "taxpayer", "owner_code": "91450100MA5N0000XX"}, errors.BadOwner),
        ({"resource_uri": "http://x.cn"}, errors.BadResource),
        ({"resources": ("https://unknown.cn",)}, errors.BadResource),
    ],
)
def test_a_client_that_breaks_a_rule_is_not_registered(changed: dict[str, object], refusal: type[Exception]):
    assert clients.refusals_of(draft(), resources_known=()) == []
    found = clients.refusals_of(draft(**changed), resources_known=())
    assert refusal in {type(one) for one in found}


def test_the_sector_is_the_host_unless_somebody_says_another():
    assert clients.sector_of(draft(), client_id="gt-x") == "erp.example.cn"
    assert clients.sector_of(draft(sector="Group.CN"), client_id="gt-x") == "group.cn"
    assert clients.sector_of(draft(kind=kinds.NATIVE), client_id="gt-x") == "gt-x"


# Claims


FACTS = scopes.Facts(
    name="陈晓明",
    language="zh",
    phone="13800001234",
    tax_id="91450100MA5N000000",
    taxpayer_name="示例公司",
    duties=(("09", "开票员"),),
)


def test_a_scope_gives_its_claims_and_no_others():
    assert scopes.claims_of(scopes=["openid"], facts=FACTS) == {}
    assert scopes.claims_of(scopes=["openid", "profile"], facts=FACTS) == {
        "name": "陈晓明",
        "locale": "zh-CN",
    }
    told = scopes.claims_of(scopes=["taxpayer", "office"], facts=FACTS)
    assert set(told) == {"tax_id", "taxpayer_name", "duties"}
    assert told["duties"] == [{"code": "09", "name": "开票员"}]


def test_a_phone_is_masked_unless_the_whole_one_was_granted():
    assert scopes.claims_of(scopes=["phone"], facts=FACTS) == {"phone_number_masked": "138****1234"}
    assert scopes.claims_of(scopes=["phone", "phone:whole"], facts=FACTS) == {
        "phone_number": "+8613800001234"
    }
    nobody = scopes.Facts(name="x", language="en")
    assert scopes.claims_of(scopes=["phone", "phone:whole", "taxpayer", "office"], facts=nobody) == {}


def test_the_methods_are_told_in_the_words_of_the_standard():
    assert methods.amr_of(methods=["password", "totp"], level=2) == ["pwd", "otp", "mfa"]
    assert methods.amr_of(methods=["scan"], level=1) == ["scan"]
    assert methods.acr_of(3) == "urn:goldentax:acr:3"


def test_a_sign_out_token_can_not_pass_for_an_identity_token():
    told = claims.logout_claims(
        issuer="https://i", client_id="c", subject="s", session_id="sid", number="j", now=NOW
    )
    assert "nonce" not in told and "auth_time" not in told
    assert told["events"] == {"http://schemas.openid.net/event/backchannel-logout": {}}
    key = a_key(jose.ES256)
    text = jose.sign(claims=told, key=key, type_=claims.LOGOUT_TOKEN)
    with pytest.raises(errors.BadSignedToken):
        jose.verify(text=text, keys=[key.public], types=("jwt",))


# Assertions


def assertion(**changed: object) -> dict[str, object]:
    second = int(NOW.timestamp())
    return {"iss": "c", "sub": "c", "aud": "https://i", "jti": "1", "exp": second + 60} | changed


@pytest.mark.parametrize(
    "changed",
    [
        {"iss": "other"},
        {"sub": "other"},
        {"aud": "https://evil.example"},
        {"aud": ["https://i", "https://evil.example"]},
        {"aud": None},
        {"jti": ""},
        {"jti": 1},
        {"exp": None},
        {"exp": True},
        {"exp": int(NOW.timestamp()) - 61},
        {"exp": int(NOW.timestamp()) + 3600},
        {"nbf": int(NOW.timestamp()) + 120},
    ],
)
def test_an_assertion_that_does_not_speak_to_us_now_proves_nothing(changed: dict[str, object]):
    def check(told: dict[str, object]) -> tuple[str, int]:
        return assertions.check_assertion(claims=told, client_id="c", audiences=["https://i"], now=NOW)

    assert check(assertion())[0] == "1"
    assert check(assertion(aud=["https://i"]))[0] == "1"
    with pytest.raises(errors.ClientNotProven):
        check(assertion(**changed))


# Times


def life(*, starts_in: timedelta) -> keys.KeyLife:
    start = NOW + starts_in
    until, published = keys.life_from(signs_from=start)
    return keys.KeyLife(
        kid="k", algorithm="ES256", signs_from=start, signs_until=until, published_until=published
    )


def test_a_key_is_published_before_it_signs_and_after():
    assert keys.next_start(keys=[], now=NOW) == NOW
    young = life(starts_in=timedelta(days=-1))
    assert keys.next_start(keys=[young], now=NOW) is None
    old = life(starts_in=timedelta(hours=12) - keys.SIGNS)
    start = keys.next_start(keys=[old], now=NOW)
    assert start == old.signs_until
    follows = life(starts_in=start - NOW)
    assert keys.next_start(keys=[old, follows], now=NOW) is None
    assert follows.is_published(NOW) and not follows.signs(NOW)
    later = start + timedelta(minutes=1)
    assert follows.signs(later) and not old.signs(later) and old.is_published(later)
    assert not old.is_published(later + keys.OVERLAP)


def test_a_notice_is_tried_for_hours_and_then_given_up():
    waits = [notices.next_try_at(tries=tries, now=NOW) for tries in range(1, 12)]
    tried = [wait - NOW for wait in waits if wait]
    assert tried == sorted(tried) and len(tried) == len(notices.WAITS)
    assert waits[-1] is None
    assert notices.LEASE.total_seconds() > notices.BATCH * notices.TIMEOUT_S


def test_texts_tell_what_they_are():
    text = tokens.new_text(tokens.ACCESS)
    assert tokens.is_of(tokens.ACCESS, text) and not tokens.is_of(tokens.REFRESH, text)
    for other in (text[:-1], text + "a", text.upper(), "gto_", ""):
        assert not tokens.is_of(tokens.ACCESS, other)
    assert tokens.new_text(tokens.ACCESS) != text and tokens.digest(text) not in text

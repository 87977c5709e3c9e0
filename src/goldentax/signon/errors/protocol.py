"""
Refusals of the protocol: each carries, beside its own code, the error word that the standard gives a program.

The words are those of RFC 6749 (OAuth 2.0), OpenID Connect Core 1.0 §3.1.2.6, RFC 6750, RFC 8707 and OpenID Connect
Core Error Code unmet_authentication_requirements 1.0.
"""

from typing import ClassVar

from goldentax.kernel.refusals import Refusal
from goldentax.kernel.text import Text

_SEE_GUIDE = Text("请对照接入文档 docs/signon.md", "See docs/signon.md, the guide for connected systems")
_AGAIN = Text("请返回应用，重新发起登录", "Go back to the application and sign in again from there")


class ProtocolRefusal(Refusal):
    """A refusal that a program reads: :attr:`oauth` is the standard's word for it."""

    oauth: ClassVar[str] = "invalid_request"
    status = 400
    way_out = _SEE_GUIDE


class UnknownClient(ProtocolRefusal):
    """Nobody registered this client, or it was stopped; the person is told, nobody is sent anywhere."""

    code = "SGN-REQ-01"
    title = Text(
        "这个应用没有接入本系统，或已被停用", "This application is not connected here, or was stopped"
    )
    way_out = Text("请联系该应用的管理方", "Ask those who run the application")


class RedirectMismatch(ProtocolRefusal):
    """The address to go back to is not one that was registered, letter for letter."""

    code = "SGN-REQ-02"
    title = Text(
        "回调地址与登记的不一致，为防止信息被送往他处，已停止",
        "The address to return to is not a registered one; nothing was sent there",
    )
    way_out = Text(
        "应用的管理方须使用登记的地址，逐字一致",
        "Those who run the application must use the registered address, letter for letter",
    )


class BadAuthorizationRequest(ProtocolRefusal):
    """A parameter of the authorization request is missing, doubled or malformed."""

    code = "SGN-REQ-03"
    title = Text("请求参数 {name} 无效：{reason}", "The parameter {name} is not valid: {reason}")


class UnsupportedResponseType(ProtocolRefusal):
    """Only the authorization code flow is offered."""

    code = "SGN-REQ-04"
    oauth = "unsupported_response_type"
    title = Text("只支持授权码流程（response_type=code）", "Only response_type=code is offered")


class PkceNeeded(ProtocolRefusal):
    """Every client proves with PKCE (RFC 7636), method S256, that the code is its own."""

    code = "SGN-REQ-05"
    title = Text(
        "缺少 PKCE：须带 code_challenge，且 code_challenge_method=S256",
        "PKCE is needed: code_challenge with code_challenge_method=S256",
    )


class UnknownScope(ProtocolRefusal):
    """A scope that does not exist, or that this client may not ask for."""

    code = "SGN-REQ-06"
    oauth = "invalid_scope"
    title = Text("该应用不能申请权限 {scope}", "This client may not ask for the scope {scope}")


class RequestObjectNotOffered(ProtocolRefusal):
    """Request objects by value are not offered."""

    code = "SGN-REQ-07"
    oauth = "request_not_supported"
    title = Text("不支持 request 参数", "The parameter request is not offered")


class RequestUriNotOffered(ProtocolRefusal):
    """Request objects by reference are not offered."""

    code = "SGN-REQ-08"
    oauth = "request_uri_not_supported"
    title = Text("不支持 request_uri 参数", "The parameter request_uri is not offered")


class RegistrationNotOffered(ProtocolRefusal):
    """Clients are registered by officers, never by themselves."""

    code = "SGN-REQ-09"
    oauth = "registration_not_supported"
    title = Text("不支持动态注册", "Clients do not register themselves here")
    way_out = Text("请由主管税务机关登记应用", "Ask the tax office to register the client")


class LoginRequired(ProtocolRefusal):
    """The client wanted no page shown, but nobody is signed in (or not freshly, or somebody else)."""

    code = "SGN-REQ-10"
    oauth = "login_required"
    title = Text("需要登录", "The person must sign in")
    way_out = _AGAIN


class ConsentRequired(ProtocolRefusal):
    """The client wanted no page shown, but the person has not consented."""

    code = "SGN-REQ-11"
    oauth = "consent_required"
    title = Text("需要本人同意", "The person must consent")
    way_out = _AGAIN


class UnmetAssurance(ProtocolRefusal):
    """The person is not known as surely as the client needs."""

    code = "SGN-REQ-12"
    oauth = "unmet_authentication_requirements"
    title = Text(
        "未达到应用要求的认证强度 {level}", "The sign-in does not reach level {level}, which the client needs"
    )
    way_out = _AGAIN


class AccessDenied(ProtocolRefusal):
    """The person said no."""

    code = "SGN-REQ-13"
    oauth = "access_denied"
    title = Text("本人没有同意", "The person did not consent")
    way_out = _AGAIN


class StaleRequest(ProtocolRefusal):
    """The page that was open is old, was used before, or belongs to another sign-in."""

    code = "SGN-REQ-14"
    title = Text("这次登录请求已过期或已使用", "This request is too old, or was used before")
    way_out = _AGAIN


class UnknownResource(ProtocolRefusal):
    """The client may not ask for tokens for that resource (RFC 8707)."""

    code = "SGN-REQ-15"
    oauth = "invalid_target"
    title = Text("该应用不能访问资源 {resource}", "This client may not ask for the resource {resource}")


class ClientNotProven(ProtocolRefusal):
    """The client did not prove who it is; one answer for every cause."""

    code = "SGN-CLI-01"
    oauth = "invalid_client"
    status = 401
    title = Text("应用身份验证失败", "The client did not prove who it is")


class UnsupportedGrantType(ProtocolRefusal):
    """Only codes and refresh tokens are exchanged."""

    code = "SGN-TOK-01"
    oauth = "unsupported_grant_type"
    title = Text(
        "只支持 authorization_code 和 refresh_token", "Only authorization_code and refresh_token are offered"
    )


class BadCode(ProtocolRefusal):
    """Not a code of this client and this redirect address, or its minute is over."""

    code = "SGN-TOK-02"
    oauth = "invalid_grant"
    title = Text("授权码无效或已过期", "The code is not valid, or too old")
    way_out = _AGAIN


class CodeReplayed(ProtocolRefusal):
    """The code was used before: what it gave is taken back (RFC 6749 §4.1.2)."""

    code = "SGN-TOK-03"
    oauth = "invalid_grant"
    title = Text(
        "授权码已被使用，相关令牌已全部撤销", "The code was used before; the tokens it gave are revoked"
    )
    way_out = _AGAIN


class WrongVerifier(ProtocolRefusal):
    """The verifier is not the one of the challenge: whoever sent the code did not begin (RFC 7636 §4.6)."""

    code = "SGN-TOK-04"
    oauth = "invalid_grant"
    title = Text("code_verifier 不匹配，授权码已作废", "code_verifier does not match; the code is spent")
    way_out = _AGAIN


class BadRefreshToken(ProtocolRefusal):
    """Not a refresh token of this client, or ended."""

    code = "SGN-TOK-05"
    oauth = "invalid_grant"
    title = Text("刷新令牌无效或已失效", "The refresh token is not valid any more")
    way_out = _AGAIN


class RefreshTokenReused(ProtocolRefusal):
    """A refresh token that was exchanged before came again: one of two holders stole it, so all ends."""

    code = "SGN-TOK-06"
    oauth = "invalid_grant"
    title = Text(
        "刷新令牌被重复使用，疑似被盗，本次授权已全部撤销",
        "The refresh token was used twice, as a stolen one would be; the whole grant has ended",
    )
    way_out = _AGAIN


class ScopeUpgrade(ProtocolRefusal):
    """A refresh may narrow what was granted, never widen it (RFC 6749 §6)."""

    code = "SGN-TOK-07"
    oauth = "invalid_scope"
    title = Text("刷新时不能扩大权限：{scope}", "A refresh cannot add the scope {scope}")


class BadTokenRequest(ProtocolRefusal):
    """A parameter of the token request is missing, doubled or malformed."""

    code = "SGN-TOK-08"
    title = Text("请求参数 {name} 无效：{reason}", "The parameter {name} is not valid: {reason}")


class BadAccessToken(ProtocolRefusal):
    """Not an access token for this place, or ended."""

    code = "SGN-TOK-09"
    oauth = "invalid_token"
    status = 401
    title = Text("访问令牌无效或已失效", "The access token is not valid here, or has ended")
    way_out = Text("请用刷新令牌换取新的访问令牌", "Exchange the refresh token for a new one")


class InsufficientScope(ProtocolRefusal):
    """The access token does not carry the scope."""

    code = "SGN-TOK-10"
    oauth = "insufficient_scope"
    status = 403
    title = Text("访问令牌没有权限 {scope}", "The access token does not carry the scope {scope}")


class BadSignedToken(ProtocolRefusal):
    """A signed token is malformed, by another key, for somebody else, or too old."""

    code = "SGN-TOK-11"
    title = Text("签名令牌无效：{reason}", "The signed token is not valid: {reason}")


class BadIdTokenHint(ProtocolRefusal):
    """The hint is not an identity token that this node gave this client."""

    code = "SGN-OUT-01"
    title = Text("id_token_hint 不是本系统签发的", "id_token_hint was not issued here")


class BadLogoutRedirect(ProtocolRefusal):
    """The address to go to after the sign-out is not a registered one of a known client."""

    code = "SGN-OUT-02"
    title = Text("退出后的跳转地址未登记", "The address to go to afterwards is not registered")


class BadLogoutRequest(ProtocolRefusal):
    """A parameter of the sign-out request is doubled or contradicts another."""

    code = "SGN-OUT-03"
    title = Text("退出请求的参数 {name} 无效", "The parameter {name} of the sign-out request is not valid")

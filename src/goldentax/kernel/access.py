"""
Who may open what: least privilege by default.

Every page and every API operation says with :func:`open_to` which roles it serves, which function of the catalogue
it is (功能), and how surely its user must be known (认证强度). What says nothing is closed: :class:`AccessMiddleware`
refuses it, and a house test names it. Whether an actor has a function is decided by whoever registered with
:func:`decided_by`; before anybody did, nobody has one. Whoever registered with :func:`watched_by` is told of each use.
"""

import functools
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeVar
from urllib.parse import urlsplit, urlunsplit

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.http import urlencode

from goldentax.kernel.refusals import Refusal
from goldentax.kernel.text import Text

PUBLIC = "public"  # anyone, signed in or not
PERSON = "person"  # anyone signed in
TAXPAYER = "taxpayer"  # acting for a taxpayer, in any duty
ISSUER = "issuer"  # acting for a taxpayer with the duty to issue invoices (开票员 and above)
OFFICER = "officer"  # an officer of the bureau
ROLES = (PUBLIC, PERSON, TAXPAYER, ISSUER, OFFICER)

ONE_FACTOR = 1  # a password, a code sent by SMS, a screen scanned
TWO_FACTORS = 2  # two of different kinds
STRONG = 3  # a certificate, or a passkey that verified its user
"""Levels of assurance (认证强度): what a door may ask of the sign-in besides the role."""

_USES = ("POST", "PUT", "PATCH", "DELETE")
"""A page that is opened uses nothing yet; a form that is sent does."""

F = TypeVar("F", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """Who does this, for whom, and through which door."""

    person_id: str = ""  # public id, "" for nobody
    person_name: str = ""
    roles: frozenset[str] = frozenset({PUBLIC})
    taxpayer_id: str = ""  # 纳税人识别号 acted for, "" for none
    taxpayer_name: str = ""
    taxpayer_public_id: str = ""
    channel: str = "web"  # web, api, cli
    language: str = "zh"
    scopes: frozenset[str] = field(default_factory=frozenset)  # of the API token, empty for people
    person_login: str = ""
    duties: frozenset[str] = frozenset()  # codes of the duties in which they act for the taxpayer
    office_code: str = ""  # 税务机关 acted in, "" for none
    office_name: str = ""
    assurance: int = 0  # how surely we know them: see ONE_FACTOR and what follows it
    session_id: str = ""  # public id of the web session
    network: str = ""  # the network the request comes from

    @property
    def is_signed_in(self) -> bool:
        return bool(self.person_id)

    @property
    def label(self) -> str:
        """How audit records name the actor."""
        who = self.person_id or "anonymous"
        acting = self.acting_for
        return f"{self.channel}:{who}" + (f"@{acting}" if acting else "")

    @property
    def acting_for(self) -> str:
        """For whom they act: a tax id, ``office:<code>``, or nobody."""
        return f"office:{self.office_code}" if self.office_code else self.taxpayer_id


NOBODY = Actor()


class SignInNeeded(Refusal):
    """The page serves people who are signed in."""

    code = "KRN-ACC-01"
    status = 401
    title = Text("请先登录", "Sign in first")
    way_out = Text(
        "在页面登录，或在请求中带上有效的令牌（Authorization: Bearer …）",
        "Sign in on the web, or send a valid token (Authorization: Bearer …)",
    )


class NotYours(Refusal):
    """The actor's roles do not open this."""

    code = "KRN-ACC-02"
    status = 403
    title = Text("当前身份无权办理此事项", "Your present role may not do this")
    way_out = Text(
        "请切换到有权限的办税身份，或请企业管理员授权",
        "Switch to an identity that may, or ask your company's administrator for the duty",
    )


class StepUpNeeded(Refusal):
    """The actor is who they are, but this asks to know it more surely."""

    code = "KRN-ACC-03"
    status = 403
    title = Text("此操作需要更高的认证强度", "This asks for a stronger proof of who you are")
    way_out = Text(
        "请用第二种方式验证身份（验证器、通行密钥或证书）后重试；程序请由本人在页面上办理",
        "Prove it with a second factor (authenticator, passkey or certificate) and try again; for a program, do it"
        " on the web yourself",
    )


class Decide(Protocol):
    """Tells whether an actor has a function (功能) now, wherever its object lies."""

    def __call__(self, *, actor: Actor, function: str) -> bool: ...


def _nobody_decides(*, actor: Actor, function: str) -> bool:
    return False


_decide: Decide = _nobody_decides


def decided_by(decide: Decide) -> None:
    """Let this decide who has which function; the last one registered does."""
    global _decide
    _decide = decide


def may(actor: Actor, function: str) -> bool:
    """Tell whether an actor has a function now; what object it may be used on is the operation's question."""
    return _decide(actor=actor, function=function)


class Watch(Protocol):
    """Is told of every use of a function that is about to happen; it may refuse."""

    def __call__(self, *, actor: Actor, function: str) -> None: ...


def _nobody_watches(*, actor: Actor, function: str) -> None:
    return None


_watch: Watch = _nobody_watches


def watched_by(watch: Watch) -> None:
    """Let this be told of every use of a function, after its door opened; the last one registered is."""
    global _watch
    _watch = watch


@dataclass(frozen=True, slots=True, kw_only=True)
class Door:
    """What a view declares of itself."""

    roles: tuple[str, ...]
    scope: str = ""  # what an API token must carry; people who signed in are not asked for it
    function: str = ""  # a code of the function catalogue
    assurance: int = 0

    def hold(self, actor: Actor) -> None:
        """
        Hold one actor against this door.

        :raises SignInNeeded: if nobody is signed in and the door is not public.
        :raises NotYours: if none of the actor's roles, not the token's scope, or no grant of the function opens it.
        :raises StepUpNeeded: if it opens, but not at the actor's level of assurance.
        """
        if PUBLIC in self.roles:
            return
        if not actor.is_signed_in:
            raise SignInNeeded()
        if not actor.roles.intersection(self.roles):
            raise NotYours()
        if self.scope and actor.channel == "api" and self.scope not in actor.scopes:
            raise NotYours("scope")
        if self.function and not may(actor, self.function):
            raise NotYours(self.function)
        if actor.assurance < self.assurance:
            raise StepUpNeeded(level=self.assurance)


def open_to(*roles: str, scope: str = "", function: str = "", assurance: int = 0) -> Callable[[F], F]:
    """Declare who may use a view or an API operation, and hold the door at every call."""
    assert roles and all(role in ROLES for role in roles), roles
    assert PUBLIC not in roles or not (function or assurance), "a public door asks nobody who they are"
    door = Door(roles=roles, scope=scope, function=function, assurance=assurance)

    def declare(view: F) -> F:
        @functools.wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
            door.hold(actor_of(request))
            if door.function and request.method in _USES:
                _watch(actor=actor_of(request), function=door.function)
            return view(request, *args, **kwargs)

        guarded.door = door  # type: ignore[attr-defined]
        guarded.access = roles  # type: ignore[attr-defined]
        return guarded  # type: ignore[return-value]

    return declare


def doorkeeper(view: Callable[..., Any]) -> Callable[[HttpRequest], bool]:
    """The check of a declared view alone, for frameworks that ask it before they read the request."""
    door: Door = view.door  # type: ignore[attr-defined]

    def hold(request: HttpRequest) -> bool:
        door.hold(actor_of(request))
        return True

    return hold


def actor_of(request: HttpRequest) -> Actor:
    """The actor that the identity middleware found; nobody where it has not run."""
    return getattr(request, "actor", NOBODY)


class AccessMiddleware:
    """Closes every view that declares nothing, and sends people who must sign in to the sign-in page."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., Any], args: Any, kwargs: Any
    ) -> HttpResponse | None:
        # API operations are guarded one by one (a path holds several); node.urls refuses to start without.
        if getattr(view, "access", None) is None and not view.__module__.startswith("ninja"):
            raise NotYours()
        return None

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if request.path.startswith("/api/"):
            return None
        came_from = {"next": request.get_full_path()}
        if isinstance(exception, SignInNeeded):
            return HttpResponseRedirect(f"{reverse('identity:sign-in')}?{urlencode(came_from)}")
        if isinstance(exception, StepUpNeeded):
            # A form that was sent is not sent again by itself: the person comes back to the page it stood on.
            if request.method not in ("GET", "HEAD"):
                came_from = {"next": _page_of_form(request)}
            wish = came_from | {"level": str(exception.facts["level"])}
            return HttpResponseRedirect(f"{reverse('identity:step-up')}?{urlencode(wish)}")
        return None


def _page_of_form(request: HttpRequest) -> str:
    """The page of this site from which a form was sent, by the browser's word; the home page where it says none."""
    told = urlsplit(request.headers.get("Referer", ""))
    if told.netloc != request.get_host():
        return "/"
    return urlunsplit(("", "", told.path, told.query, "")) or "/"

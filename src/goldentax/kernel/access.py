"""
Who may open what: least privilege by default.

Every page and every API operation says with :func:`open_to` which roles it serves. What says nothing is closed:
:class:`AccessMiddleware` refuses it, and a house test names it. The full identity platform refines the roles; the
question stays the same.
"""

import functools
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar

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

    @property
    def is_signed_in(self) -> bool:
        return bool(self.person_id)

    @property
    def label(self) -> str:
        """How audit records name the actor."""
        who = self.person_id or "anonymous"
        return f"{self.channel}:{who}" + (f"@{self.taxpayer_id}" if self.taxpayer_id else "")


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


def open_to(*roles: str, scope: str = "") -> Callable[[F], F]:
    """
    Declare who may use a view or an API operation, and hold the door at every call.

    :param scope: what an API token must carry; people who signed in are not asked for it.
    """
    assert roles and all(role in ROLES for role in roles), roles

    def declare(view: F) -> F:
        @functools.wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
            refuse_unless_open(actor=actor_of(request), roles=roles, scope=scope)
            return view(request, *args, **kwargs)

        guarded.access = roles  # type: ignore[attr-defined]
        guarded.scope = scope  # type: ignore[attr-defined]
        return guarded  # type: ignore[return-value]

    return declare


def doorkeeper(view: Callable[..., Any]) -> Callable[[HttpRequest], bool]:
    """The check of a declared view alone, for frameworks that ask it before they read the request."""
    roles, scope = view.access, view.scope  # type: ignore[attr-defined]

    def hold(request: HttpRequest) -> bool:
        refuse_unless_open(actor=actor_of(request), roles=roles, scope=scope)
        return True

    return hold


def actor_of(request: HttpRequest) -> Actor:
    """The actor that the identity middleware found; nobody where it has not run."""
    return getattr(request, "actor", NOBODY)


def refuse_unless_open(*, actor: Actor, roles: tuple[str, ...], scope: str = "") -> None:
    """
    Hold one actor against the roles of a door.

    :raises SignInNeeded: if nobody is signed in and the door is not public.
    :raises NotYours: if none of the actor's roles, or not the token's scope, opens it.
    """
    if PUBLIC in roles:
        return
    if not actor.is_signed_in:
        raise SignInNeeded()
    if not actor.roles.intersection(roles):
        raise NotYours()
    if scope and actor.channel == "api" and scope not in actor.scopes:
        raise NotYours("scope")


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
        if isinstance(exception, SignInNeeded) and not request.path.startswith("/api/"):
            return HttpResponseRedirect(
                f"{reverse('identity:sign-in')}?{urlencode({'next': request.get_full_path()})}"
            )
        return None

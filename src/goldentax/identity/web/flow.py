"""
From a first proof to a session: what every page that proves who somebody is ends with.

A page that proved somebody calls `begin_session`. It either starts the session, or keeps the person *pending* and
sends them on: to a second factor, or to a new password. The page of a second factor asks `pending_person` whom it is
about and ends with `complete_second_factor`, or with `raise_assurance` where somebody signed in proves more
of themselves. None of them says where to go by itself: the wish stands in the form or the session, and `safe_next`
lets only addresses of this site through.
"""

from datetime import datetime
from typing import Any

from django.conf import settings as django_settings
from django.contrib import messages
from django.contrib.auth import HASH_SESSION_KEY
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme, urlencode

from goldentax.identity import operations, queries
from goldentax.identity.errors import NotPending
from goldentax.identity.middleware import SECRET
from goldentax.identity.models import Person, UserSession
from goldentax.identity.rules import assurance as levels
from goldentax.identity.rules import devices, logins, sessions
from goldentax.identity.rules.factors.assurance import level_of
from goldentax.kernel import clock
from goldentax.kernel.language import COOKIE as LANGUAGE_COOKIE
from goldentax.kernel.language import language_of
from goldentax.kernel.node import this_node
from goldentax.kernel.text import Text

PENDING, STEP_UP_NEXT = "identity_pending", "identity_step_up_next"
"""What an anonymous session keeps of a sign-in that is not finished; where a step-up came from."""

LANGUAGE_AGE_S = 365 * 24 * 3600


def device_cookie() -> str:
    """The name of the device's cookie: of its own for every node, as browsers tell no ports apart."""
    return f"goldentax_device_{this_node().code}"


def safe_next(request: HttpRequest, *, default: str = "/") -> str:
    """Where to go afterwards: the wished address if it lies on this site, else the default."""
    wish = request.POST.get("next") or request.GET.get("next") or ""
    return wish if _is_ours(request, wish) else default


def network_of(request: HttpRequest) -> str:
    """The network a request comes from, as attempts and sessions name it."""
    return logins.network_of(request.META.get("REMOTE_ADDR", ""))


def device_of(request: HttpRequest) -> str:
    """The digest of the device's cookie; "" where it has none, or none of ours."""
    secret = request.COOKIES.get(device_cookie(), "")
    return sessions.digest(secret) if devices.is_secret(secret) else ""


def begin_session(
    request: HttpRequest, *, person: Person, methods: tuple[str, ...], assurance: int
) -> HttpResponse:
    """
    Let a person in whom ``methods`` proved, or send them to prove more; the address to go to next.

    :param methods: as `rules.factors.assurance` names them, in the order they were used.
    :param assurance: the level they reach, its `level_of(methods)` as a rule.
    :raises goldentax.oversight.errors.SignInBlocked: if the risk is too high.
    :raises NoFactorToStepUp: if the risk asks for a second factor and the person has none.
    """
    now = clock.now()
    device = device_of(request)
    identities = queries.list_identities(person=person, on=now.date())
    admission = operations.admit(
        person=person,
        is_officer=any(one.is_office for one in identities),
        methods=methods,
        assurance=assurance,
        network=network_of(request),
        device=device if queries.is_device(device) else "",
        user_agent=request.headers.get("User-Agent", ""),
        now=now,
    )
    if admission.warnings:
        messages.warning(request, _warned(admission.warnings).in_language(language_of(request)))
    pending = {
        "person": str(person.public_id),
        "methods": list(methods),
        "assurance": assurance,
        "needs": list(admission.needs),
        "at": now.timestamp(),
        "next": safe_next(request, default=""),
    }
    return _go_on(request, person=person, pending=pending, identities=identities, now=now)


def _warned(reasons: tuple[Text, ...]) -> Text:
    """What seemed new about a sign-in, in one sentence that says what to do if it was somebody else."""
    return Text(
        f"请留意本次登录：{'；'.join(one.zh for one in reasons)}。如非本人操作，请立即修改密码。",
        f"About this sign-in: {'; '.join(one.en for one in reasons)}. If it was not you, change your password now.",
    )


def pending_person(request: HttpRequest) -> Person | None:
    """Whose sign-in waits for a second factor here; nobody where it was begun too long ago, or not at all."""
    pending = _pending(request, now=clock.now())
    return _person_of(pending) if pending and operations.NEEDS_FACTOR in pending["needs"] else None


def complete_second_factor(request: HttpRequest, *, method: str) -> HttpResponse:
    """
    Finish the pending sign-in with the second factor that was just proved.

    :raises NotPending: if none is pending, or it was begun too long ago.
    """
    now = clock.now()
    pending = _pending(request, now=now)
    person = _person_of(pending) if pending else None
    if pending is None or person is None or operations.NEEDS_FACTOR not in pending["needs"]:
        raise NotPending()
    pending["methods"] = [*pending["methods"], method]
    pending["assurance"] = max(pending["assurance"], level_of(pending["methods"], on=now.date()))
    pending["needs"] = [need for need in pending["needs"] if need != operations.NEEDS_FACTOR]
    return _go_on(request, person=person, pending=pending, now=now)


def complete_new_password(request: HttpRequest) -> HttpResponse:
    """
    Finish the pending sign-in after a new password was set.

    :raises NotPending: if none is pending, or it was begun too long ago.
    """
    now = clock.now()
    pending = _pending(request, now=now)
    person = _person_of(pending) if pending else None
    if pending is None or person is None or pending["needs"] != [operations.NEEDS_PASSWORD]:
        raise NotPending()
    pending["needs"] = []
    return _go_on(request, person=person, pending=pending, now=now)


def person_without_password(request: HttpRequest) -> Person | None:
    """Whose pending sign-in waits for nothing but a new password."""
    pending = _pending(request, now=clock.now())
    return _person_of(pending) if pending and pending["needs"] == [operations.NEEDS_PASSWORD] else None


def begin_recovery(request: HttpRequest, *, person: Person, method: str) -> HttpResponse:
    """Let somebody who proved themselves without the password set a new one; it starts no session."""
    pending = {
        "person": str(person.public_id),
        "methods": [method],
        "assurance": 0,
        "needs": [operations.NEEDS_PASSWORD],
        "at": clock.now().timestamp(),
        "next": "",
        "ends_here": True,
    }
    return _go_on(request, person=person, pending=pending, now=clock.now())


def is_recovery(request: HttpRequest) -> bool:
    """Whether the pending new password replaces a lost one, so that no session follows it."""
    return bool((request.session.get(PENDING) or {}).get("ends_here"))


def raise_assurance(request: HttpRequest, *, method: str, assurance: int) -> HttpResponse:
    """
    Note that the person signed in has proved more, for a quarter of an hour, and go back to where it was asked.

    :param assurance: the level that ``method`` reaches together with the ways of the sign-in.
    :raises NotPending: if nobody is signed in.
    """
    session, now = queries.session_of(request), clock.now()
    if session is None:
        raise NotPending()
    operations.raise_session(session=session, method=method, assurance=assurance, now=now)
    wish = request.session.pop(STEP_UP_NEXT, "")
    change_key(request, session)
    return HttpResponseRedirect(wish if _is_ours(request, wish) else safe_next(request))


def change_key(request: HttpRequest, session: UserSession) -> None:
    """Give a session a new key, because what it may do changes now."""
    request.session.cycle_key()
    request.session[SECRET] = sessions.new_secret()
    operations.rekey_session(session=session, secret=request.session[SECRET])


def _go_on(
    request: HttpRequest,
    *,
    person: Person,
    pending: dict[str, Any],
    now: datetime,
    identities: list[queries.Identity] | None = None,
) -> HttpResponse:
    if not pending["needs"] and pending.get("ends_here"):
        request.session.flush()
        return HttpResponseRedirect(reverse("identity:sign-in"))
    if not pending["needs"]:
        if identities is None:
            identities = queries.list_identities(person=person, on=now.date())
        return _start(request, person=person, pending=pending, identities=identities, now=now)
    # Also the pending state gets a new key: a session planted before the password was typed learns nothing of it.
    _leave(request, now=now)
    request.session.flush()
    request.session[PENDING] = pending
    page = "second-factor" if operations.NEEDS_FACTOR in pending["needs"] else "new-password"
    return HttpResponseRedirect(reverse(f"identity:{page}"))


def _start(
    request: HttpRequest,
    *,
    person: Person,
    pending: dict[str, Any],
    identities: list[queries.Identity],
    now: datetime,
) -> HttpResponse:
    _leave(request, now=now)
    keys = [one.key for one in identities]
    wish = pending["next"] or "/"
    acting_for = ""
    if len(keys) == 1 or person.acting_for in keys:
        acting_for = person.acting_for if person.acting_for in keys else keys[0]
    elif keys:
        wish = f"{reverse('identity:switch')}?{urlencode({'next': wish})}"
    cookie, device = _device(request)
    operations.start_session(
        person=person,
        secret=_fill(request, person=person),
        device=device,
        network=network_of(request),
        user_agent=request.headers.get("User-Agent", ""),
        methods=tuple(pending["methods"]),
        assurance=pending["assurance"],
        acting_for=acting_for,
        now=now,
    )
    response = HttpResponseRedirect(wish)
    _set_cookie(response, device_cookie(), cookie, age_s=devices.COOKIE_AGE_S)
    if LANGUAGE_COOKIE not in request.COOKIES:
        response.set_cookie(LANGUAGE_COOKIE, person.language, max_age=LANGUAGE_AGE_S, samesite="Lax")
    return response


def _leave(request: HttpRequest, *, now: datetime) -> None:
    """End the session that the browser has, because another person signs in there, or the same one again."""
    earlier = queries.session_of(request)
    if earlier is not None:
        operations.end_session(
            session_id=earlier.public_id, reason=sessions.SIGNED_OUT, actor=_label(earlier.person), now=now
        )


def _fill(request: HttpRequest, *, person: Person) -> str:
    """Begin Django's session for a person, under a new key: one planted before the sign-in opens nothing."""
    request.session.flush()
    request.session[SECRET] = sessions.new_secret()
    request.session[HASH_SESSION_KEY] = person.get_session_auth_hash()
    request.user = person
    secret: str = request.session[SECRET]
    return secret


def _device(request: HttpRequest) -> tuple[str, str]:
    """The device's secret and its digest: what the cookie says if somebody signed in with it, else new ones."""
    # A secret that we did not give, or that never signed in, may have been planted by somebody who knows it.
    known = device_of(request)
    if known and queries.is_device(known):
        return request.COOKIES[device_cookie()], known
    secret = sessions.new_secret()
    return secret, sessions.digest(secret)


def _set_cookie(response: HttpResponse, name: str, value: str, *, age_s: int) -> None:
    response.set_cookie(
        name,
        value,
        max_age=age_s,
        httponly=True,
        samesite="Lax",
        secure=bool(django_settings.SESSION_COOKIE_SECURE),
    )


def _pending(request: HttpRequest, *, now: datetime) -> dict[str, Any] | None:
    pending: dict[str, Any] | None = request.session.get(PENDING)
    lasts = levels.pending_lasts(now.date())
    if pending is None or now.timestamp() - pending["at"] >= lasts.total_seconds():
        return None
    return dict(pending)


def _person_of(pending: dict[str, Any]) -> Person | None:
    return Person.objects.filter(public_id=pending["person"], is_active=True).first()


def _is_ours(request: HttpRequest, wish: str) -> bool:
    return wish.startswith("/") and url_has_allowed_host_and_scheme(
        wish, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )


def _label(person: Person) -> str:
    return f"web:{person.public_id}"

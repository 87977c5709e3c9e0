"""Pages: where to register, and the registration of a person."""

from secrets import token_urlsafe

from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from goldentax.identity import api as identity
from goldentax.kernel import access, clock
from goldentax.kernel.language import language_of
from goldentax.kernel.refusals import Refusal
from goldentax.kernel.settings import settings
from goldentax.kernel.text import Text
from goldentax.subjects import api as subjects
from goldentax.subjects.web import asking

DEMO_NEWCOMERS_FILE = "demo-newcomers.json"  # in the world's home, written by the maker of the demo world
_FIELDS = ("name", "id_card", "mobile", "login")
_BINDING, _PROVEN = "subjects_newcomer", "subjects_mobile_proven"
"""What the session keeps of somebody who registers: whose codes are theirs, and the number they proved to hold."""


class PasswordsDiffer(Refusal):
    """The password was typed in two ways."""

    code = "SUB-REG-06"
    title = Text("两次输入的密码不一致", "The password was typed in two different ways")
    way_out = Text("请重新输入", "Type it again")


class CodeNeeded(Refusal):
    """Who registers with a mobile number proves to hold it."""

    code = "SUB-REG-07"
    title = Text("请填写短信验证码", "Type the code that was sent to your number")
    way_out = Text(
        "点击“获取验证码”，并填写收到的 6 位数字", "Press “Send a code” and type the six digits you receive"
    )


@access.open_to(access.PUBLIC)
@require_safe
def choose(request: HttpRequest) -> HttpResponse:
    """Where to register: as a person, or a company."""
    return asking.page(request, "subjects/register.html", {})


@sensitive_post_parameters()
@never_cache
@access.open_to(access.PUBLIC)
@require_http_methods(["GET", "HEAD", "POST"])
def person(request: HttpRequest) -> HttpResponse:
    """Register a person."""
    values = asking.values_of(request, _FIELDS)
    if request.method != "POST":
        return _person_page(request, values)
    if request.POST.get("step") == "code":
        return _send_code(request, values)
    password = request.POST.get("password", "")
    try:
        is_mobile_proven = _prove_mobile(request, values["mobile"])
        if password != request.POST.get("password_again", ""):
            raise PasswordsDiffer("password_again")
        subject = subjects.register_person(
            new=subjects.NewPerson(**values, password=password, is_mobile_proven=is_mobile_proven),
            network=_network(request),
            now=clock.now(),
            request_id=asking.request_id_of(request),
            language=language_of(request),
        )
    except Refusal as refusal:
        return _person_page(request, values, refusal=refusal)
    request.session.pop(_PROVEN, None)
    login = identity.get_person(subject.person_id).login if subject.person_id else ""
    context = {"number": subject.network_number, "name": subject.name, "login": login}
    return asking.page(request, "subjects/registered.html", context)


def _send_code(request: HttpRequest, values: dict[str, str]) -> HttpResponse:
    """Send a code to the number on the form; as a part of the page for who has scripts, else the page again."""
    refusal, masked = None, ""
    try:
        masked = identity.ask_newcomer_code(
            mobile=values["mobile"],
            binding=_binding(request),
            network=_network(request),
            language=language_of(request),
            now=clock.now(),
        )
    except Refusal as refused:
        refusal = refused
    if request.headers.get("HX-Request"):
        errors = asking.errors_of(request, refusal) if refusal else []
        # Always 200: a part of a page that says what went wrong is swapped in like any other.
        return asking.page(request, "subjects/parts/code_sent.html", _asked(masked) | {"errors": errors})
    return _person_page(request, values, refusal=refusal, masked=masked)


def _prove_mobile(request: HttpRequest, mobile: str) -> bool:
    """
    Whether the number on the form is proven; a right code is remembered while the rest of the form is mended.

    :raises CodeNeeded: if no code was typed.
    :raises identity.WrongCode: if it is not the one that was sent to this number.
    """
    if not identity.sends_codes():
        return False
    if mobile and request.session.get(_PROVEN) == mobile:
        return True
    code = request.POST.get("code", "").strip()
    if not code:
        raise CodeNeeded("code")
    request.session[_PROVEN] = identity.answer_newcomer_code(
        mobile=mobile, code=code, binding=_binding(request), network=_network(request), now=clock.now()
    )
    return True


def _binding(request: HttpRequest) -> str:
    """A secret of this browser: a code is answered where it was asked for, and nowhere else."""
    if _BINDING not in request.session:
        request.session[_BINDING] = token_urlsafe(32)
    return str(request.session[_BINDING])


def _asked(masked: str) -> dict[str, object]:
    return {"masked": masked, "is_outbox": settings().demo}


def _person_page(
    request: HttpRequest, values: dict[str, str], *, refusal: Refusal | None = None, masked: str = ""
) -> HttpResponse:
    known = []
    if settings().demo:
        known = subjects.list_demo_newcomers(path=settings().home / DEMO_NEWCOMERS_FILE, kind="person")
    is_proven = bool(values["mobile"]) and request.session.get(_PROVEN) == values["mobile"]
    context = {"values": values, "newcomers": known, "asks_code": identity.sends_codes() and not is_proven}
    return asking.page(request, "subjects/register_person.html", context | _asked(masked), refusal=refusal)


def _network(request: HttpRequest) -> str:
    return access.actor_of(request).network or request.META.get("REMOTE_ADDR", "") or "unknown"

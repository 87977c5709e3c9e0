"""Pages: where to register, and the registration of a person."""

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


class PasswordsDiffer(Refusal):
    """The password was typed in two ways."""

    code = "SUB-REG-06"
    title = Text("两次输入的密码不一致", "The password was typed in two different ways")
    way_out = Text("请重新输入", "Type it again")


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
    password = request.POST.get("password", "")
    try:
        if password != request.POST.get("password_again", ""):
            raise PasswordsDiffer("password_again")
        subject = subjects.register_person(
            new=subjects.NewPerson(**values, password=password),
            network=_network(request),
            now=clock.now(),
            request_id=asking.request_id_of(request),
            language=language_of(request),
        )
    except Refusal as refusal:
        return _person_page(request, values, refusal=refusal)
    login = identity.get_person(subject.person_id).login if subject.person_id else ""
    context = {"number": subject.network_number, "name": subject.name, "login": login}
    return asking.page(request, "subjects/registered.html", context)


def _person_page(
    request: HttpRequest, values: dict[str, str], *, refusal: Refusal | None = None
) -> HttpResponse:
    known = []
    if settings().demo:
        known = subjects.list_demo_newcomers(path=settings().home / DEMO_NEWCOMERS_FILE, kind="person")
    context = {"values": values, "newcomers": known}
    return asking.page(request, "subjects/register_person.html", context, refusal=refusal)


def _network(request: HttpRequest) -> str:
    return access.actor_of(request).network or request.META.get("REMOTE_ADDR", "") or "unknown"

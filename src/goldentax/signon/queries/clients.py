"""Reads of clients."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q

from goldentax.signon import errors
from goldentax.signon.models import Client, ClientSecret, Grant, LogoutNotice

PAGE_SIZE = 50
NOTICES_SHOWN = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientFilter:
    """Which clients to list."""

    text: str = ""  # in a name, an id, or the owner
    kind: str = ""
    state: str = ""  # active, stopped, or "" for both
    after: str = ""  # the client id after which the page begins


def find_client(client_id: str) -> Client | None:
    """The client of an id, the stopped ones too."""
    return Client.objects.filter(client_id=client_id).first() if "\x00" not in client_id else None


def get_client(client_id: str) -> Client:
    """
    Give a client, the stopped ones too.

    :raises NoSuchClient: if there is none.
    """
    client = find_client(client_id)
    if client is None:
        raise errors.NoSuchClient("client_id")
    return client


def list_clients(wish: ClientFilter) -> tuple[list[Client], str, int]:
    """A page of clients, the newest first, after which one the next begins ("" for none), and how many there are."""
    found = Client.objects.order_by("-pk")
    if wish.text:
        found = found.filter(
            Q(name_zh__icontains=wish.text)
            | Q(name_en__icontains=wish.text)
            | Q(client_id__icontains=wish.text)
            | Q(owner_name__icontains=wish.text)
            | Q(owner_code=wish.text)
        )
    if wish.kind:
        found = found.filter(kind=wish.kind)
    if wish.state:
        found = found.filter(stopped_at__isnull=wish.state == "active")
    count = found.count()
    if wish.after:
        found = found.filter(pk__lt=Client.objects.filter(client_id=wish.after).values("pk")[:1])
    rows = list(found[: PAGE_SIZE + 1])
    after = rows[PAGE_SIZE - 1].client_id if len(rows) > PAGE_SIZE else ""
    return rows[:PAGE_SIZE], after, count


def list_secrets(*, client: Client, now: datetime) -> list[ClientSecret]:
    """The secrets of a client that work now, the newest first."""
    working = Q(ends_at__isnull=True) | Q(ends_at__gt=now)
    return list(client.secrets.filter(working).order_by("-created_at", "-id"))


def list_notices(client: Client) -> list[LogoutNotice]:
    """The latest sign-out notices to a client."""
    return list(client.notices.order_by("-created_at", "-id")[:NOTICES_SHOWN])


def count_open_grants(*, client: Client, now: datetime) -> int:
    """How many sign-ins at a client hold now."""
    return Grant.objects.filter(client=client, ended_at__isnull=True, ends_at__gt=now).count()


def list_used_resources() -> list[str]:
    """The names of every registered resource."""
    return sorted(Client.objects.exclude(resource_uri="").values_list("resource_uri", flat=True))

"""
Who carries messages (短信通道): a provider is one object with a key; the setting ``sms_provider`` chooses it.

Built in are ``outbox``, which keeps messages for the page of a demo world and is never used outside one, and
``webhook``, which hands each message to a gateway by a signed POST. Another gateway registers an object of its own.
"""

import hashlib
import hmac
import json
from datetime import datetime
from typing import Protocol

import httpx

from goldentax.identity.models.factors import OutboxSms
from goldentax.kernel.ids import new_public_id
from goldentax.kernel.settings import settings

OUTBOX, WEBHOOK = "outbox", "webhook"
TIMEOUT_S = 10.0
SIGNATURE_HEADER = "X-Goldentax-Signature"


class SmsProvider(Protocol):
    """Carries a message to a mobile number (短信服务商); what it raises is tried again, a few times."""

    key: str
    is_local: bool  # it answers at once and cannot fail: no worker is needed

    def send(self, *, mobile: str, text: str, now: datetime) -> None: ...


class Outbox:
    """Keeps messages instead of sending them, for the page of a demo world."""

    key = OUTBOX
    is_local = True

    def send(self, *, mobile: str, text: str, now: datetime) -> None:
        OutboxSms.objects.create(number=mobile, text=text, at=now)


class Webhook:
    """
    Hands messages to a gateway: POST of JSON ``{id, mobile, text, at}``, signed.

    ``X-Goldentax-Signature: t=<unix seconds>,v1=<hex>`` is HMAC-SHA256 under the shared secret over ``<t>.<body>``.
    Every answer but 2xx counts as not sent.
    """

    key = WEBHOOK
    is_local = False

    def __init__(self, *, url: str, secret: str, client: httpx.Client | None = None) -> None:
        assert url and secret, "a gateway needs an address and a shared secret"
        self._url, self._secret = url, secret
        self._client = client or httpx.Client(timeout=TIMEOUT_S, follow_redirects=False)

    def send(self, *, mobile: str, text: str, now: datetime) -> None:
        message = {"id": str(new_public_id()), "mobile": mobile, "text": text, "at": now.isoformat()}
        body = json.dumps(message, ensure_ascii=False).encode()
        signature = sign_webhook(secret=self._secret, body=body, at=now)
        headers = {"Content-Type": "application/json", SIGNATURE_HEADER: signature}
        self._client.post(self._url, content=body, headers=headers).raise_for_status()


_providers: dict[str, SmsProvider] = {OUTBOX: Outbox()}


def register_sms_provider(provider: SmsProvider) -> None:
    """Offer a provider under its key; the same key again replaces it."""
    _providers[provider.key] = provider


def find_sms_provider() -> SmsProvider | None:
    """The provider that the settings choose; none where it cannot be used."""
    key = getattr(settings(), "sms_provider", OUTBOX)
    if key == OUTBOX and not settings().demo:
        return None
    if key == WEBHOOK and key not in _providers:
        url, secret = (
            getattr(settings(), "sms_webhook_url", ""),
            getattr(settings(), "sms_webhook_secret", ""),
        )
        if not url or not secret:
            return None
        register_sms_provider(Webhook(url=url, secret=secret))
    return _providers.get(key)


def sign_webhook(*, secret: str, body: bytes, at: datetime) -> str:
    """What stands in the signature header of a message; gateways compute it to know that it is ours."""
    t = str(int(at.timestamp()))
    mac = hmac.new(secret.encode(), f"{t}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={t},v1={mac}"

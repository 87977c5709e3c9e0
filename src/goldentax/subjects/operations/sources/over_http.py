"""
A source of truth over HTTP: JSON in and out, signed both ways, with a time-out and few new tries.

A request carries ``X-Key-Id``, ``X-Time`` (seconds since 1970), ``X-Nonce`` and ``X-Signature``: HMAC-SHA-256 over
method, path, time, nonce and body, joined by line feeds. The answer is signed with the same key over status, the
request's nonce and its body, so that nobody between can turn a disagreement into a match or replay an old
answer. Whatever is not a well-signed, well-formed answer in time is
:data:`~goldentax.subjects.rules.sources.AWAY`; it never verifies anybody.
"""

import hashlib
import hmac
import logging
import secrets
import time
from typing import Literal
from urllib.parse import urlsplit

import httpx
import msgspec

from goldentax.subjects.rules import sources
from goldentax.subjects.rules.sources import Answer, Query

log = logging.getLogger("goldentax.subjects.sources")

TIMEOUT_S = 3
"""For connecting and for each read; a person waits before a page. The worker asks again later."""
TRIES = 2
"""One new try, for a connection that broke; a source that is down is not hammered."""
PAUSE_S = 0.2
ANSWER_BYTES_MAX = 64 * 1024
"""An answer of a source has about 500 bytes."""


class _Wire(msgspec.Struct, forbid_unknown_fields=True):
    """What an answer may hold."""

    verdict: Literal["match", "mismatch", "not_found"]
    fields: list[str] = []
    facts: dict[str, str] = {}
    reference: str = ""


class HttpSource:
    """One connected source."""

    def __init__(
        self, *, key: str, url: str, key_id: str, secret: str, transport: httpx.BaseTransport | None = None
    ) -> None:
        self.key = key
        self._url, self._key_id, self._secret = url, key_id, secret.encode()
        self._transport = transport

    def ask(self, query: Query) -> Answer:
        body = msgspec.json.encode(
            {"credential": query.credential, "number": query.number, "claims": dict(query.claims)}
        )
        for number in range(TRIES):
            if number:
                time.sleep(PAUSE_S)
            try:
                return self._ask_once(body, sent_at=str(int(query.at.timestamp())))
            except (httpx.HTTPError, _Unusable) as error:
                # The kind of failure only: a message could repeat what was asked about whom.
                log.warning("%s did not answer (%s)", self.key, type(error).__name__)
        return Answer(verdict=sources.AWAY)

    def _ask_once(self, body: bytes, *, sent_at: str) -> Answer:
        nonce = secrets.token_hex(16)
        signature = self._sign("POST", urlsplit(self._url).path or "/", sent_at, nonce, body)
        headers = {
            "Content-Type": "application/json",
            "X-Key-Id": self._key_id,
            "X-Time": sent_at,
            "X-Nonce": nonce,
            "X-Signature": signature,
        }
        with httpx.Client(timeout=TIMEOUT_S, transport=self._transport, follow_redirects=False) as client:
            answer = client.post(self._url, content=body, headers=headers)
        if answer.status_code != 200 or len(answer.content) > ANSWER_BYTES_MAX:
            raise _Unusable
        wanted = self._sign("200", nonce, answer.content)
        if not hmac.compare_digest(wanted, answer.headers.get("X-Signature", "")):
            raise _Unusable
        try:
            wire = msgspec.json.decode(answer.content, type=_Wire)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise _Unusable from error
        return _answer(wire)

    def _sign(self, *parts: str | bytes) -> str:
        message = b"\n".join(one if isinstance(one, bytes) else one.encode() for one in parts)
        return hmac.new(self._secret, message, hashlib.sha256).hexdigest()


class _Unusable(Exception):
    """An answer that is not signed, not well-formed, or says that the source cannot answer."""


def _answer(wire: _Wire) -> Answer:
    fields = tuple(name for name in wire.fields if name in sources.FIELD_NAMES)
    facts = {name: wire.facts[name][:200] for name in sources.PUBLIC_FACTS if wire.facts.get(name)}
    if wire.verdict == sources.MATCH and fields:
        raise _Unusable  # it agrees and disagrees
    return Answer(verdict=wire.verdict, fields=fields, facts=facts, reference=wire.reference[:60])

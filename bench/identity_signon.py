"""
Single sign-on: exchanges, introspections and identity tokens a second, beside their limits in the same run.

The limits are what no server of this kind can be faster than on this machine: one bare ES256 signature (every
identity token has one), a transaction of five bare statements (what an exchange asks: two reads, a change, two
rows), and one indexed select. Everything runs in one thread against the running world's own database, through the
functions that the endpoints call; rounds are interleaved and the median is told. ``python -m bench.identity_signon``
starts a world of its own and throws it away.
"""

import hashlib
import json
import os
import secrets
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.worlds import start_world, stop_world

ROUNDS = 5
CALLS = 200
VERIFIER = "v" * 64


def main() -> None:
    """Measure and print."""
    print(table(measure()))


def measure() -> dict[str, object]:
    """Every figure, calls a second, with its ratio to the limit of the same run."""
    with tempfile.TemporaryDirectory(prefix="goldentax-bench-") as folder:
        world = start_world(Path(folder) / "home")
        try:
            done = subprocess.run(
                [sys.executable, "-m", "bench.identity_signon", "--inside"],
                env=world.environment | {"GOLDENTAX_NODE": "45"},
                check=True,
                capture_output=True,
                text=True,
                cwd=Path(__file__).resolve().parents[1],
            )
        finally:
            stop_world(world)
    found: dict[str, object] = json.loads(done.stdout.strip().splitlines()[-1])
    return found


def measure_inside() -> dict[str, object]:
    """The measurement itself, in a process that works for the world's node."""
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "goldentax.node.settings")
    django.setup()
    calls = Calls()
    rounds: dict[str, list[float]] = {name: [] for name in calls.all()}
    for _ in range(ROUNDS):
        for name, make in calls.all().items():
            rounds[name].append(per_second(make()))
    figures = {name: round(statistics.median(found)) for name, found in rounds.items()}
    exchange_limit = 1 / (
        1 / figures["limit: five statements and a commit"] + 1 / figures["limit: bare ES256 signature"]
    )
    return {
        "figures": figures,
        "ratios": {
            "exchange to signature and commit": round(figures["code to tokens"] / exchange_limit, 2),
            "refresh to signature and commit": round(figures["refresh"] / exchange_limit, 2),
            "introspection to one select": round(figures["introspection"] / figures["limit: one select"], 2),
            "identity token to bare signature": round(
                figures["identity token written"] / figures["limit: bare ES256 signature"], 2
            ),
            "verification to bare verification": round(
                figures["identity token verified"] / figures["limit: bare ES256 verification"], 2
            ),
        },
        "rounds": {name: [round(one) for one in found] for name, found in rounds.items()},
    }


class Calls:
    """What is measured: each entry makes its calls ready, outside the measured time."""

    def __init__(self) -> None:
        from cryptography.hazmat.primitives import hashes
        from cryptography.hazmat.primitives.asymmetric import ec

        from goldentax.identity import api as identity
        from goldentax.kernel import clock
        from goldentax.signon import operations, queries
        from goldentax.signon.rules import jose
        from goldentax.signon.rules.encoding import base64url

        self.now, self.operations, self.queries, self.jose = clock.now, operations, queries, jose
        self.person = identity.find_person(login="demo-seller")
        self.challenge = base64url(hashlib.sha256(VERIFIER.encode()).digest())
        draft = operations.ClientDraft(
            name_zh="测速",
            name_en="Bench",
            kind="outside",
            owner_kind="office",
            owner_code="14501000000",
            owner_name="测速",
            auth_method="client_secret_post",
            redirect_uris=("https://bench.example.cn/cb",),
            scopes=("openid", "profile", "taxpayer"),
        )
        self.client, _ = operations.add_client(draft=draft, actor="system:bench", now=self.now())
        self.signing = ec.generate_private_key(ec.SECP256R1())
        self.algorithm = ec.ECDSA(hashes.SHA256())
        self.text = self._exchange(self._code()).access_token
        self.id_token = self._exchange(self._code()).id_token
        self.claims = jose.take_apart(self.id_token).claims

    def all(self) -> dict[str, Callable[[], list[Callable[[], object]]]]:
        """Every call by its name."""
        return {
            "limit: bare ES256 signature": self._signatures,
            "limit: bare ES256 verification": self._verifications,
            "limit: five statements and a commit": self._transactions,
            "limit: one select": self._selects,
            "code to tokens": self._exchanges,
            "refresh": self._refreshes,
            "introspection": lambda: [self._introspect] * CALLS,
            "identity token written": self._writes,
            "identity token verified": self._reads,
        }

    def _code(self) -> str:
        from goldentax.signon.rules.requests import Wish

        wish = Wish(
            client_id=self.client.client_id,
            redirect_uri=self.client.redirect_uris[0],
            scopes=("openid", "profile", "taxpayer"),
            state="",
            nonce="n",
            challenge=self.challenge,
            prompts=frozenset(),
            max_age_s=None,
            level=0,
            login_hint="",
            id_token_hint="",
            resource="",
        )
        asker = self.operations.Asker(
            person_id=str(self.person.public_id),
            session_id="bench",
            acting_for="",
            signed_in_at=self.now(),
            assurance=1,
            methods=("password",),
            label="system:bench",
        )
        return self.operations.grant_code(
            client=self.client,
            wish=wish,
            asker=asker,
            ticket_id=secrets.token_urlsafe(20),
            issuer="https://bench.example.cn",
            now=self.now(),
        )

    def _exchange(self, code: str) -> Any:
        return self.operations.exchange_code(
            client=self.client,
            code=code,
            redirect_uri=self.client.redirect_uris[0],
            verifier=VERIFIER,
            now=self.now(),
        )

    def _exchanges(self) -> list[Callable[[], object]]:
        codes = [self._code() for _ in range(CALLS)]
        return [lambda code=code: self._exchange(code) for code in codes]  # type: ignore[misc]

    def _refreshes(self) -> list[Callable[[], object]]:
        texts = [self._exchange(self._code()).refresh_token for _ in range(CALLS)]
        return [
            lambda text=text: self.operations.refresh(client=self.client, text=text, scope="", now=self.now())  # type: ignore[misc]
            for text in texts
        ]

    def _introspect(self) -> object:
        told = self.queries.introspect(text=self.text, asker=self.client, now=self.now())
        assert told["active"], "the token ended while it was measured"
        return told

    def _writes(self) -> list[Callable[[], object]]:
        key = self.queries.private_key(algorithm="ES256", now=self.now())
        return [lambda: self.jose.sign(claims=self.claims, key=key, type_="JWT")] * CALLS

    def _reads(self) -> list[Callable[[], object]]:
        keys = self.queries.public_keys(self.now())
        return [lambda: self.jose.verify(text=self.id_token, keys=keys, types=("jwt",))] * CALLS

    def _signatures(self) -> list[Callable[[], object]]:
        data = os.urandom(500)
        return [lambda: self.signing.sign(data, self.algorithm)] * CALLS

    def _verifications(self) -> list[Callable[[], object]]:
        data = os.urandom(500)
        signature, public = self.signing.sign(data, self.algorithm), self.signing.public_key()
        return [lambda: public.verify(signature, data, self.algorithm)] * CALLS

    def _transactions(self) -> list[Callable[[], object]]:
        from django.db import connection, transaction

        with connection.cursor() as cursor:
            cursor.execute("CREATE TABLE IF NOT EXISTS bench_signon (id bigserial PRIMARY KEY, body text)")
            cursor.execute("INSERT INTO bench_signon (body) VALUES ('x')")

        def five() -> None:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute("SELECT * FROM bench_signon WHERE id = 1 FOR UPDATE")
                cursor.execute("UPDATE bench_signon SET body = 'y' WHERE id = 1")
                cursor.execute("INSERT INTO bench_signon (body) VALUES (%s)", ["x" * 200])
                cursor.execute("INSERT INTO bench_signon (body) VALUES (%s)", ["x" * 200])
                cursor.execute("SELECT * FROM bench_signon WHERE id = 2")

        return [five] * CALLS

    def _selects(self) -> list[Callable[[], object]]:
        from django.db import connection

        from goldentax.signon.rules.tokens import digest

        key = digest(self.text)

        def select() -> None:
            with connection.cursor() as cursor:
                cursor.execute("SELECT * FROM signon_access_token WHERE digest = %s", [key])
                assert cursor.fetchone()

        return [select] * CALLS


def per_second(calls: list[Callable[[], object]]) -> float:
    """Calls a second of some calls, one after another."""
    begun = time.perf_counter()
    for call in calls:
        call()
    return len(calls) / (time.perf_counter() - begun)


def table(result: dict[str, Any]) -> str:
    """The result as people read it."""
    lines = [f"{'':<44}{'a second':>10}"]
    lines += [f"{name:<44}{value:>10,}" for name, value in result["figures"].items()]
    lines += ["", f"{'':<44}{'ratio':>10}"]
    lines += [f"{name:<44}{value:>10}" for name, value in result["ratios"].items()]
    return "\n".join(lines)


if __name__ == "__main__":
    if "--inside" in sys.argv:
        print(json.dumps(measure_inside()))
    else:
        main()

"""
Certificates and ciphers: ``python -m bench.identity_certificates``.

Every figure stands beside its limit of the same run, in interleaved rounds on one core: for a signature, the bare call
of the library over a ready digest; for an issue, one signature, and one row committed alone in the same private
PostgreSQL with durable commits; for a sealed field, the bare cipher over the same bytes. Medians of rounds.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

from bench.identity_oversight import database, table

ROOT = Path(__file__).resolve().parents[1]
ROUNDS = 7
CALLS = 300
ISSUES = 40
REVOKED = 20_000


def measure() -> dict[str, object]:
    """Every figure, from a process of its own: Django is set up once a process."""
    command = [sys.executable, "-m", "bench.identity_certificates", "--inside"]
    with tempfile.TemporaryDirectory(prefix="goldentax-bench-") as folder:
        answer = Path(folder) / "answer.json"
        environment = os.environ | {"GOLDENTAX_BENCH_FOLDER": folder}
        subprocess.run([*command, "--answer", str(answer)], cwd=ROOT, env=environment, check=True)
        return json.loads(answer.read_text(encoding="utf-8"))


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--inside", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--answer", type=Path, help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if not chosen.inside:
        print(table(measure()))
        return
    with database(Path(os.environ["GOLDENTAX_BENCH_FOLDER"])):
        result = {**cipher_figures(), **field_figures(), **certificate_figures()}
    chosen.answer.write_text(json.dumps(result), encoding="utf-8")


def rates(calls: dict[str, Callable[[], object]], *, times: int = CALLS) -> dict[str, float]:
    """Calls a second of each, the rounds of all interleaved so that a busy minute is shared."""
    taken: dict[str, list[float]] = {name: [] for name in calls}
    for _ in range(ROUNDS):
        for name, call in calls.items():
            begun = time.perf_counter()
            for _ in range(times):
                call()
            taken[name].append(time.perf_counter() - begun)
    return {name: times / statistics.median(each) for name, each in taken.items()}


def figures(name: str, ours: float, limit: float) -> dict[str, object]:
    """A figure, its limit and their ratio."""
    return {
        f"{name}, a second": round(ours),
        f"{name}, limit": round(limit),
        f"{name}, ratio": round(ours / limit, 2),
    }


def cipher_figures() -> dict[str, object]:
    """Signatures of both families against the bare library."""
    import gmssl_pyx
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.hazmat.primitives.asymmetric.utils import Prehashed

    from goldentax.certificates.rules.keys import KeyPair
    from goldentax.kernel.crypto import sm

    data, digest = os.urandom(1000), os.urandom(32)
    sm2, es256 = KeyPair.generate("sm2"), KeyPair.generate("es256")
    sm2_signature, es256_signature = sm2.sign(data), es256.sign(data)
    bare_sm2 = bytes(gmssl_pyx.sm2_sign_sm3_digest(sm2.secret, digest))
    private = ec.derive_private_key(int.from_bytes(es256.secret), ec.SECP256R1())
    way = ec.ECDSA(Prehashed(hashes.SHA256()))
    bare_es256 = private.sign(digest, way)
    found = rates(
        {
            "sm2 sign": lambda: sm2.sign(data),
            "sm2 sign bare": lambda: gmssl_pyx.sm2_sign_sm3_digest(sm2.secret, digest),
            "sm2 verify": lambda: sm2.public.verify(data=data, signature=sm2_signature),
            "sm2 verify bare": lambda: gmssl_pyx.sm2_verify_sm3_digest(sm2.public.point, digest, bare_sm2),
            "es256 sign": lambda: es256.sign(data),
            "es256 sign bare": lambda: private.sign(digest, way),
            "es256 verify": lambda: es256.public.verify(data=data, signature=es256_signature),
            "es256 verify bare": lambda: private.public_key().verify(bare_es256, digest, way),
            "sm2 encrypt a key": lambda: sm.encrypt(public_key=sm2.public.point, plaintext=digest[:16]),
            "sm2 encrypt a key bare": lambda: gmssl_pyx.sm2_encrypt(sm2.public.point, digest[:16]),
        }
    )
    return {
        part: value
        for name in ("sm2 sign", "sm2 verify", "es256 sign", "es256 verify", "sm2 encrypt a key")
        for part, value in figures(name, found[name], found[f"{name} bare"]).items()
    }


def field_figures() -> dict[str, object]:
    """What a sealed value costs, against the bare cipher."""
    from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

    from goldentax.kernel.crypto import vault
    from goldentax.kernel.crypto.fields import blind_index

    key, text = os.urandom(16), b"450102199001011234"

    def bare() -> bytes:
        nonce = os.urandom(12)
        encryptor = Cipher(algorithms.SM4(key), modes.GCM(nonce)).encryptor()
        encryptor.authenticate_additional_data(b"table.column")
        return nonce + encryptor.update(text) + encryptor.finalize() + encryptor.tag

    sealed = vault.seal(text, "bench.field")

    def bare_open() -> bytes:
        decryptor = Cipher(algorithms.SM4(key), modes.GCM(held[:12], held[-16:])).decryptor()
        decryptor.authenticate_additional_data(b"table.column")
        return decryptor.update(held[12:-16]) + decryptor.finalize()

    held = bare()
    blind_index("x", "bench.field")
    found = rates(
        {
            "seal": lambda: vault.seal(text, "bench.field"),
            "seal bare": bare,
            "open": lambda: vault.open_sealed(sealed, "bench.field"),
            "open bare": bare_open,
            "index": lambda: blind_index("450102199001011234", "bench.field"),
        },
        times=5000,
    )
    return {
        **figures("seal a field", found["seal"], found["seal bare"]),
        **figures("open a field", found["open"], found["open bare"]),
        "seal a field, µs": round(1e6 / found["seal"], 1),
        "open a field, µs": round(1e6 / found["open"], 1),
        "blind index, µs": round(1e6 / found["index"], 1),
    }


def certificate_figures() -> dict[str, object]:
    """Issue, believe, answer, stamp and publish, on a store with durable commits."""
    from django.db import connection

    from goldentax.certificates import api as certificates
    from goldentax.kernel import clock

    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE bench_row (id bigserial, body bytea)")
    certificates.make_authorities(now=clock.now())
    result: dict[str, object] = {}
    for algorithm in ("sm2", "es256"):
        result |= _of_family(algorithm)
    return result | list_figures()


def _of_family(algorithm: str) -> dict[str, object]:
    from goldentax.certificates import api as certificates
    from goldentax.certificates.rules import challenges
    from goldentax.certificates.rules.keys import KeyPair
    from goldentax.kernel import clock

    keys = [KeyPair.generate(algorithm) for _ in range(ISSUES + 1)]
    holder = certificates.Holder(kind="person", subject_id="x", name="x")
    requests = [certificates.build_request(key=one, holder=holder, organisation="x") for one in keys]
    number = iter(range(len(keys)))

    def issue() -> Any:
        which = next(number)
        return certificates.issue_for(
            subject_kind="person",
            subject_id=f"p-{algorithm}-{which}",
            name="张三",
            csr_or_public_key=requests[which],
            actor="bench",
            request_id=str(uuid.uuid4()),
            now=clock.now(),
        )

    first = issue()
    issues, rows, signatures = [], [], []
    for _ in range(ISSUES):
        issues.append(seconds(issue))
        rows.append(seconds(_one_row))
        signatures.append(seconds(lambda: keys[0].sign(b"x" * 800)))
    limit = 1 / (statistics.median(rows) + statistics.median(signatures))
    result = figures(f"{algorithm} issue", 1 / statistics.median(issues), limit)
    proof = {
        "certificate_pem": first.pem,
        "challenge": b"c",
        "signature": challenges.signature_of(challenges.answer(b"c", key=keys[0])),
    }
    later = clock.now() + timedelta(seconds=1)
    found = rates(
        {
            "challenge": lambda: certificates.verify_challenge(**proof, now=later),
            "stamp": lambda: certificates.timestamp(data=b"x", now=later, algorithm=algorithm),
        },
        times=100,
    )
    result[f"{algorithm} sign-in by certificate, a second"] = round(found["challenge"])
    result[f"{algorithm} timestamps, a second"] = round(found["stamp"])
    return result


def list_figures() -> dict[str, object]:
    """A revocation list of many entries."""
    from datetime import UTC, datetime

    from asn1crypto import x509

    from goldentax.certificates.rules import building, profiles
    from goldentax.certificates.rules.keys import KeyPair

    key, now = KeyPair.generate("sm2"), datetime.now(UTC)
    holder = profiles.Holder(kind="issuing", subject_id="45", name="x")
    name: x509.Name = profiles.distinguished_name(holder, organisation="x")
    entries = [
        building.RevokedEntry(serial=building.new_serial(), at=now, reason="superseded")
        for _ in range(REVOKED)
    ]
    begun = time.perf_counter()
    der = building.build_crl(
        entries,
        issuer_key=key,
        issuer_name=name,
        number=1,
        this_update=now,
        next_update=now + timedelta(days=1),
    )
    taken = time.perf_counter() - begun
    return {
        f"list of {REVOKED:,} revoked, s": round(taken, 2),
        f"list of {REVOKED:,} revoked, kB": len(der) // 1000,
    }


def _one_row() -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO bench_row (body) VALUES (%s)", [b"x" * 900])


def seconds(call: Callable[[], object]) -> float:
    """How long one call takes."""
    begun = time.perf_counter()
    call()
    return time.perf_counter() - begun


if __name__ == "__main__":
    main()

"""What the tests of certificates share: keys, holders, and a certificate of each kind in one call."""

import uuid
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest

from goldentax.certificates import api as certificates
from goldentax.certificates.rules.keys import KeyPair

AT = datetime.fromisoformat("2026-11-21T10:00:00+08:00")
PERSON_ID = "0190f3a0-0000-7000-8000-000000000001"


class Issued:
    """A certificate with its key."""

    def __init__(self, key: KeyPair, view: Any) -> None:
        self.key, self.view = key, view


@pytest.fixture
def at() -> datetime:
    """The moment of these tests."""
    return AT


@pytest.fixture
def issue(db: None) -> Callable[..., Issued]:
    """Issue a certificate: ``issue("person", algorithm="sm2")``."""

    def make(
        kind: str = "person",
        *,
        algorithm: str = "sm2",
        subject_id: str = PERSON_ID,
        name: str = "张三",
        now: datetime = AT,
        key: KeyPair | None = None,
        request_id: str = "",
    ) -> Issued:
        key = key or KeyPair.generate(algorithm)
        holder = certificates.Holder(kind=kind, subject_id=subject_id, name=name)
        view = certificates.issue_for(
            subject_kind=kind,
            subject_id=subject_id,
            name=name,
            csr_or_public_key=certificates.build_request(key=key, holder=holder, organisation="test"),
            actor="test",
            request_id=request_id or str(uuid.uuid4()),
            now=now,
        )
        return Issued(key, view)

    return make

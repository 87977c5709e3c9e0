"""Proofs of tokens are believed for a second, not longer, and not when this process knows better."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import partial

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from goldentax.identity import errors, operations, queries
from goldentax.identity.models import ApiToken, Membership, Person
from goldentax.identity.queries import tokens as proofs
from goldentax.identity.rules import tokens
from goldentax.identity.tests.conftest import NOW, TAX_ID

MakeToken = Callable[..., str]
SECOND = proofs.PROOF_LASTS


@pytest.fixture(autouse=True)
def _no_proofs() -> Iterator[None]:
    proofs._proofs.clear()
    yield
    proofs._proofs.clear()


def _find(text: str, *, after: timedelta = timedelta(0), language: str = "zh") -> queries.TokenHolder:
    return queries.find_proven_token_holder(text=text, now=NOW + after, language=language)


def _statements(find: Callable[[], object]) -> int:
    with CaptureQueriesContext(connection) as asked:
        find()
    return len(asked)


def test_a_token_is_asked_of_the_database_once_a_second(make_token: MakeToken) -> None:
    text = make_token()
    assert _statements(lambda: _find(text)) == 1
    assert _statements(lambda: _find(text)) == 0
    assert _statements(lambda: _find(text, after=SECOND / 2)) == 0
    assert _statements(lambda: _find(text, after=SECOND)) == 1


def test_a_proof_says_what_the_database_says(make_token: MakeToken) -> None:
    text = make_token()
    fresh = queries.find_token_holder(text=text, now=NOW, language="en")
    _find(text)
    assert _find(text, language="en").actor == fresh.actor
    assert fresh.actor.assurance == 1 and fresh.actor.duties == {"09"}


@pytest.mark.parametrize("change", ["revoked", "closed", "ended"])
def test_what_changes_elsewhere_holds_within_a_second(make_token: MakeToken, change: str) -> None:
    text = make_token()
    _find(text)
    # Behind the back of this process, as another node's process would.
    if change == "revoked":
        ApiToken.objects.update(revoked_at=NOW)
    elif change == "closed":
        Person.objects.update(is_active=False)
    else:
        Membership.objects.filter(tax_id=TAX_ID).update(valid_to=NOW.date())
    _find(text, after=SECOND - timedelta(milliseconds=1))
    with pytest.raises((errors.RevokedToken, errors.TokenWithoutDuty)):
        _find(text, after=SECOND)


def test_what_is_revoked_here_holds_at_once(make_token: MakeToken) -> None:
    text = make_token()
    _find(text)
    token = ApiToken.objects.get()
    operations.revoke_token(
        person_id=token.person.public_id, token_id=token.public_id, actor="system:test", now=NOW
    )
    with pytest.raises(errors.RevokedToken):
        _find(text)


def test_a_membership_ended_here_holds_at_once(make_token: MakeToken) -> None:
    text = make_token()
    _find(text)
    operations.end_membership(
        membership_id=Membership.objects.get(tax_id=TAX_ID).public_id,
        valid_to=NOW.date(),
        actor="system:test",
        now=NOW,
    )
    with pytest.raises(errors.TokenWithoutDuty):
        _find(text)


def test_a_token_expires_on_time_within_its_proof(make_token: MakeToken) -> None:
    text = make_token(days=1)
    end = timedelta(days=1)
    _find(text, after=end - SECOND / 2)
    with pytest.raises(errors.ExpiredToken):
        _find(text, after=end)


def test_a_duty_that_ends_at_midnight_ends_at_midnight(make_token: MakeToken) -> None:
    text = make_token()
    midnight = timedelta(hours=14)
    Membership.objects.filter(tax_id=TAX_ID).update(valid_to=(NOW + midnight).date())
    _find(text, after=midnight - SECOND / 2)
    with pytest.raises(errors.TokenWithoutDuty):
        _find(text, after=midnight)


def test_a_clock_that_goes_back_proves_nothing(make_token: MakeToken) -> None:
    text = make_token()
    _find(text)
    assert _statements(lambda: _find(text, after=-timedelta(minutes=5))) == 1


def test_busy_tokens_are_proven_together(make_token: MakeToken) -> None:
    texts = [make_token(duty=duty) for duty in ("01", "03", "05", "09")]
    for text in texts:
        _find(text)
        _find(text)
    assert _statements(lambda: [_find(text, after=SECOND) for text in texts]) == 1


def test_what_is_no_token_of_ours_is_not_kept(db: None) -> None:
    for _ in range(2):
        with pytest.raises(errors.UnknownToken):
            _find("gt_" + "a" * 43)
    assert not proofs._proofs


def test_the_number_of_proofs_is_bounded(make_token: MakeToken, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(proofs, "PROOFS_MAX", 2)
    texts = [make_token(duty=duty) for duty in ("01", "03", "05")]
    for text in texts:
        _find(text)
    assert len(proofs._proofs) == 2
    assert _find(texts[0]).actor.taxpayer_id == TAX_ID


def test_its_use_is_noted_once_not_at_every_call(make_token: MakeToken) -> None:
    text = make_token()
    assert [_find(text).is_note_due for _ in range(3)] == [True, False, False]


def test_tokens_in_use_are_proven_ahead_and_recalled_without_the_database(make_token: MakeToken) -> None:
    texts = [make_token(duty=duty) for duty in ("01", "03")]
    unused = make_token(duty="05")
    for text in (*texts, unused):
        _find(text)
    proofs._proofs[tokens.digest(unused)].is_used = False
    ahead = NOW + SECOND * 0.7
    renew = partial(queries.renew_token_proofs, now=ahead, older_than=SECOND * 0.6)
    assert _statements(renew) == 1
    assert _statements(renew) == 0, "what was just proven is not due"
    later, holder = NOW + SECOND * 1.2, queries.recall_token_holder
    assert _statements(lambda: [holder(text=text, now=later, language="zh") for text in texts]) == 0
    assert all(holder(text=text, now=later, language="zh") is not None for text in texts)
    assert holder(text=unused, now=later, language="zh") is None
    ApiToken.objects.update(revoked_at=NOW)
    queries.renew_token_proofs(now=NOW + SECOND * 1.8, older_than=SECOND * 0.6)
    with pytest.raises(errors.RevokedToken):
        holder(text=texts[0], now=NOW + SECOND * 1.9, language="zh")

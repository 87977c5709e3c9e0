"""Two at once: the same request, and the same identifier."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from goldentax.kernel.models import OutboxEvent
from goldentax.node.testing import NOW
from goldentax.registry import api as registry
from goldentax.registry import errors
from goldentax.registry.api import Registration
from goldentax.registry.models import Taxpayer
from goldentax.registry.tests.conftest import TAX_ID

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("committed_world")]
Make = Callable[..., Registration]


def together(*calls: Callable[[], object]) -> list[object]:
    """Run calls at once, each on a connection of its own; what they answer or raise, in order."""

    def run(call: Callable[[], object]) -> object:
        try:
            return call()
        except Exception as error:
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(run, calls))


def register(wanted: Registration, request_id: str) -> Callable[[], object]:
    return lambda: registry.register_taxpayer(
        registration=wanted, actor="test", request_id=request_id, now=NOW
    )


def test_the_same_request_at_once_is_done_once(registration: Make) -> None:
    events = OutboxEvent.objects.count()
    answers = together(*[register(registration(), "race-0001")] * 4)
    assert len({repr(answer) for answer in answers}) == 1
    assert isinstance(answers[0], registry.TaxpayerView)
    assert OutboxEvent.objects.count() == events + 1


def test_one_identifier_is_registered_by_one_of_two(registration: Make) -> None:
    answers = together(
        register(registration(), "race-0002"), register(registration(name="另一家"), "race-0003")
    )
    assert Taxpayer.objects.filter(tax_id=TAX_ID).count() == 1
    assert sorted(type(answer).__name__ for answer in answers) == ["AlreadyRegistered", "TaxpayerView"]
    assert any(isinstance(answer, errors.AlreadyRegistered) for answer in answers)

"""The API under generated input, from its own OpenAPI document: whatever comes in, never a server error."""

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings

from tests.worlds import World

pytestmark = pytest.mark.journey
EXAMPLES_AN_OPERATION = 25


def test_no_input_makes_a_server_error(world: World) -> None:
    schema = schemathesis.openapi.from_url(f"{world.url}/api/openapi.json")
    token = world.token()
    tried: dict[str, set[int]] = {}
    with world.client(token=token) as client:
        for found in schema.get_all_operations():
            _try(found.ok(), token, tried)
        assert client.get("/readyz").status_code == 200
    # It reached the business, not only the door: some drafts and questions were understood.
    assert len(tried) >= 15
    assert 200 in tried["GET /api/v1/invoices"]
    assert not any(401 in statuses for statuses in tried.values()), tried


def _try(operation: schemathesis.APIOperation, token: str, tried: dict[str, set[int]]) -> None:
    @settings(
        max_examples=EXAMPLES_AN_OPERATION,
        deadline=None,
        derandomize=True,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy())
    def check(case: schemathesis.Case) -> None:
        answer = case.call(headers={"Authorization": f"Bearer {token}"})
        tried.setdefault(operation.label, set()).add(answer.status_code)
        assert answer.status_code < 500, case.as_curl_command()
        if answer.status_code >= 400:
            assert "problem+json" in answer.headers["content-type"][0], case.as_curl_command()

    check()

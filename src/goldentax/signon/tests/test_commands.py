"""``goldentax signon`` from the command line."""

import json

import pytest
from click.testing import CliRunner, Result

from goldentax.kernel import clock
from goldentax.signon import errors, queries
from goldentax.signon.commands import group

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("stopped_clock")]

ADD = (
    *("client", "add", "--name-zh", "示例", "--name-en", "Example"),
    *("--owner-kind", "office", "--owner-code", "14501000000", "--owner-name", "某市税务局"),
)


def run(*arguments: str) -> Result:
    return CliRunner().invoke(group, arguments)


def test_a_client_is_added_listed_stopped_started_and_given_secrets():
    made = json.loads(run(*ADD, "--redirect-uri", "https://a.cn/cb").output)
    assert made["client_secret"].startswith("gts_")
    listed = run("client", "list").output
    assert made["client_id"] in listed and "active" in listed
    assert run("client", "disable", made["client_id"]).exit_code == 0
    assert "stopped" in run("client", "list").output
    assert run("client", "enable", made["client_id"]).exit_code == 0
    fresh = run("client", "secret", made["client_id"], "--end-old").output.strip()
    client = queries.get_client(made["client_id"])
    assert fresh != made["client_secret"]
    assert [one.prefix for one in queries.list_secrets(client=client, now=clock.now())] == [fresh[:10]]


def test_a_refusal_reaches_the_terminal():
    refused = run(*ADD, "--redirect-uri", "http://a.cn/cb")
    assert isinstance(refused.exception, errors.BadRedirectUri)
    assert isinstance(run("client", "disable", "gt-nobody").exception, errors.NoSuchClient)


def test_keys_are_listed_without_their_secrets_and_rotated():
    before = json.loads(run("keys", "list").output)["keys"]
    assert {key["alg"] for key in before} == {"ES256", "RS256", "SM2SM3"} and all(
        "d" not in key for key in before
    )
    assert "3 new keys" in run("keys", "rotate").output
    after = json.loads(run("keys", "list").output)["keys"]
    assert {key["kid"] for key in before} < {key["kid"] for key in after}
    run("keys", "rotate", "--compromised")
    kids = {key["kid"] for key in json.loads(run("keys", "list").output)["keys"]}
    assert len(kids) == 3 and not kids & {key["kid"] for key in after}

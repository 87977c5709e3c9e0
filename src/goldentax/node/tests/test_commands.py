"""The command line: quick where it can be, and never a traceback."""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import click
import pytest

from goldentax.kernel.refusals import Refusal
from goldentax.kernel.text import Text
from goldentax.node import commands


def goldentax(*arguments: str, home: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    known = {name: value for name, value in os.environ.items() if not name.startswith("GOLDENTAX_")}
    return subprocess.run(
        [sys.executable, "-m", "goldentax.node.commands", *arguments],
        env={**known, "GOLDENTAX_HOME": str(home), "LANG": "C.UTF-8", **environment},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_status_of_a_world_that_does_not_run(tmp_path: Path):
    done = goldentax("status", "--json", home=tmp_path / "none", GOLDENTAX_PORT="8700")
    found = json.loads(done.stdout)
    assert (done.returncode, found["ready"], found["pid"]) == (1, False, None)
    assert [(one["code"], one["level"], one["url"], one["ready"]) for one in found["nodes"]] == [
        ("00", "hq", "http://127.0.0.1:8700", False),
        ("45", "province", "http://127.0.0.1:8701", False),
    ]
    assert not (tmp_path / "none").exists()


def test_the_commands_of_the_runtime_do_not_load_django(tmp_path: Path):
    done = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "goldentax.node.commands", "status"],
        env={**os.environ, "GOLDENTAX_HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert "goldentax.node.runtime.state" in done.stderr
    assert "| django" not in done.stderr


def test_settings_tell_value_and_origin_and_hide_secrets(tmp_path: Path):
    done = goldentax(
        *("settings", "--json"),
        home=tmp_path,
        GOLDENTAX_PORT="8700",
        GOLDENTAX_DATABASE_URL="postgresql://u:hush@h/{node}",
    )
    found = json.loads(done.stdout)
    assert found["port"] == {"value": "8700", "origin": "GOLDENTAX_PORT"}
    assert found["host"]["origin"] == "default"
    assert "hush" not in done.stdout + goldentax("settings", home=tmp_path).stdout


@pytest.mark.parametrize(
    ("arguments", "environment", "code"),
    [
        (("status",), {"GOLDENTAX_PORT": "high"}, "KRN-SET-01"),
        (("status", "--node", "x"), {}, "KRN-SET-01"),
        (("stop",), {}, "RUN-LOCK-02"),
        (("wipe", "--yes"), {}, "RUN-HOME-03"),
        (("run",), {"GOLDENTAX_NODES": "45,99"}, "KRN-NODE-01"),
        (("run",), {"GOLDENTAX_DATABASE_URL": "postgresql://h/one"}, "RUN-PG-04"),
    ],
)
def test_a_refusal_is_code_message_and_way_out(
    tmp_path: Path, arguments: tuple[str, ...], environment: dict[str, str], code: str
):
    done = goldentax(*arguments, home=tmp_path, **environment)
    assert done.returncode == 2
    assert done.stderr.startswith(code) and "→" in done.stderr
    assert "Traceback" not in done.stderr
    chinese = goldentax(*arguments, home=tmp_path, **environment, GOLDENTAX_LANGUAGE="zh")
    assert chinese.stderr != done.stderr or code == "KRN-SET-01"


@pytest.mark.parametrize(
    ("line", "rest", "node"),
    [
        (["token", "--node", "45"], ["token"], "45"),
        (["--node=00", "token", "--name", "x"], ["token", "--name", "x"], "00"),
        (["invoice", "import", "--", "--node", "45"], ["invoice", "import", "--", "--node", "45"], "31"),
    ],
)
def test_the_node_is_taken_from_anywhere_in_the_line(
    monkeypatch: pytest.MonkeyPatch, line: list[str], rest: list[str], node: str
):
    monkeypatch.setenv("GOLDENTAX_NODE", "31")
    assert commands.take_node(line) == rest
    assert os.environ["GOLDENTAX_NODE"] == node


def test_a_node_option_without_a_code_is_a_usage_error(capsys: pytest.CaptureFixture[str]):
    assert commands.run_command(["token", "--node"]) == 2
    assert "--node 45" in capsys.readouterr().err


class _Nothing(Refusal):
    code = "TST-CMD-01"
    title = Text("不行：{why}", "No: {why}")
    way_out = Text("试别的", "Try another")


@pytest.mark.parametrize(
    ("error", "exit_code", "words"),
    [
        (_Nothing("amount", why="so"), commands.REFUSED, "TST-CMD-01 [amount] "),
        (ZeroDivisionError("by nought"), commands.BROKEN, "RUN-CMD-01"),
        (KeyboardInterrupt(), commands.INTERRUPTED, ""),
    ],
)
def test_what_a_command_raises_becomes_words_and_an_exit_code(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    error: BaseException,
    exit_code: int,
    words: str,
):
    @click.command()
    def broken() -> None:
        raise error

    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setattr(commands, "module_commands", lambda: {"broken": broken})
    assert commands.run_command(["broken"]) == exit_code
    said = capsys.readouterr().err
    assert words in said
    assert exit_code == commands.INTERRUPTED or said


def test_a_database_that_is_away_is_said_to_be_away(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    from django.db.utils import OperationalError

    @click.command()
    def asking() -> None:
        raise OperationalError("connection refused")

    monkeypatch.setattr(commands, "module_commands", lambda: {"asking": asking})
    assert commands.run_command(["asking"]) == commands.REFUSED
    said = capsys.readouterr().err
    assert said.startswith("RUN-PG-03") and "make run" in said

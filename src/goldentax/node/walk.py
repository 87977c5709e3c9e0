"""
``goldentax demo``: one invoice lives its life in front of you, on the running world, through its public interfaces.

Every line names what happened, the address where a person sees it, and the file that did it. Nothing is prepared: each
call is one that an ERP vendor could make.
"""

import json
import secrets
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
import httpx

from goldentax.kernel.crypto import sm
from goldentax.kernel.refusals import Refusal
from goldentax.kernel.settings import settings, source_root
from goldentax.kernel.text import Text

EXAMPLE = "docs/examples/invoice.json"
TIMEOUT_S = 30


class NotRunning(Refusal):
    """There is no running world to show."""

    code = "NOD-DEM-01"
    title = Text("没有正在运行的环境", "No world is running")
    way_out = Text("请先在另一个终端执行 make run", "Start one with make run in another terminal")


class StepFailed(Refusal):
    """A step of the walk was answered otherwise than it must be."""

    code = "NOD-DEM-02"
    title = Text("“{step}”得到 {status}：{answer}", "“{step}” was answered {status}: {answer}")
    way_out = Text("请查看日志，或执行 goldentax status", "See the logs, or goldentax status")


@click.command()
def demo() -> None:
    """一张发票的一生 One invoice lives its life in front of you (needs a running demo world)."""
    url, token = _province(), _token()
    with httpx.Client(base_url=url, timeout=TIMEOUT_S) as client:
        client.headers["Authorization"] = f"Bearer {token}"
        Walk(client, url).go()


def _province() -> str:
    from goldentax.node.runtime.state import current_status

    for node in current_status(settings())["nodes"]:
        if node["level"] == "province" and node["ready"]:
            return str(node["url"]).rstrip("/")
    raise NotRunning()


def _token() -> str:
    import os
    import subprocess
    import sys

    printed = subprocess.run(
        [sys.executable, "-m", "goldentax.node.commands", "token"],
        capture_output=True,
        text=True,
        env=os.environ,
    )
    if printed.returncode:
        raise NotRunning()
    return printed.stdout.strip().splitlines()[-1]


class Walk:
    """The steps, in order; each prints its line as soon as it is true."""

    def __init__(self, client: httpx.Client, url: str) -> None:
        self.client, self.url, self.step = client, url, 0

    def go(self) -> None:
        """Walk the whole way."""
        wanted = json.loads((source_root() / EXAMPLE).read_text(encoding="utf-8"))
        wanted["request_id"] = f"demo-{secrets.token_hex(8)}"
        before = self._call("GET", "/api/v1/limit")
        preview = self._call("POST", "/api/v1/invoices/preview", json=wanted)
        self._say(
            f"试算 worked out: {preview['amount']} + {preview['tax']} = ¥{preview['gross']}",
            "/invoices/new/",
            "src/goldentax/invoicing/rules/issuing.py",
        )
        issued = self._call("POST", "/api/v1/invoices", json=wanted)
        number = issued["number"]
        self._say(
            f"开具 issued: {number}", f"/invoices/{number}/", "src/goldentax/invoicing/operations/issuing.py"
        )
        after = self._call("GET", "/api/v1/limit")
        self._say(
            f"额度 limit: {before['available']} → {after['available']}",
            "/limit/",
            "src/goldentax/invoicing/operations/limits.py",
        )
        again = self._call("POST", "/api/v1/invoices", json=wanted)
        self._must(again["number"] == number and again["repeated"], "the repeat")
        self._say("重复提交，得到首次结果 sent again: the first answer came back", "", "docs/api.md")
        self._receipt(issued["receipt"])
        self._files(number)
        self._verify(issued)
        self._refused(wanted)

    def _receipt(self, receipt: dict[str, Any]) -> None:
        import msgspec

        from goldentax.invoicing.api import Receipt, is_genuine_receipt

        (key,) = self._call("GET", "/api/v1/keys")["keys"]
        verify: Callable[[bytes, bytes], bool] = lambda data, signature: sm.verify(  # noqa: E731
            public_key_hex=key["public_key_hex"], data=data, signature=signature
        )
        held = msgspec.convert(receipt, Receipt)
        self._must(is_genuine_receipt(held, verify=verify), "the receipt")
        forged = msgspec.structs.replace(held, document_hash="00" * 32)
        self._must(not is_genuine_receipt(forged, verify=verify), "the forged receipt")
        self._say(
            f"回执验签 receipt verified offline with SM2 key {key['kid']}; with another document it fails",
            f"/invoices/{receipt['number']}/",
            "src/goldentax/invoicing/rules/receipts.py",
        )

    def _files(self, number: str) -> None:
        folder = Path(tempfile.mkdtemp(prefix="goldentax-demo-"))
        for form in ("xml", "pdf", "ofd"):
            answer = self.client.get(f"/api/v1/invoices/{number}.{form}")
            self._must(answer.status_code == 200, f"the {form}")
            (folder / f"{number}.{form}").write_bytes(answer.content)
            self._say(
                f"交付 delivered: {form.upper()}, {len(answer.content):,} bytes → {folder}/{number}.{form}",
                f"/invoices/{number}.{form}",
                f"src/goldentax/invoicing/forms/{form}{'.py' if form == 'pdf' else ''}",
            )

    def _verify(self, issued: dict[str, Any]) -> None:
        query = {"number": issued["number"], "issue_date": issued["issued_at"][:10], "gross": issued["gross"]}
        right = self._call("POST", "/api/v1/verify", json=query)
        wrong = self._call("POST", "/api/v1/verify", json=query | {"gross": "0.01"})
        self._must((right["result"], wrong["result"]) == ("00", "03"), "the verification")
        self._say(
            f"查验 verified by anyone: {right['message']}; a changed total: {wrong['message']}",
            "/verify/",
            "src/goldentax/invoicing/operations/verifying.py",
        )

    def _refused(self, wanted: dict[str, Any]) -> None:
        wrong = wanted | {"request_id": f"demo-{secrets.token_hex(8)}", "total_gross": "1.00"}
        answer = self.client.post("/api/v1/invoices", json=wrong)
        self._must(answer.status_code == 422, "the refusal")
        problem = answer.json()
        self._say(
            f"拒绝 refused: {problem['code']} {problem['field']}: {problem['title']} → {problem['way_out']}",
            "/invoices/new/",
            "src/goldentax/invoicing/errors.py",
        )

    def _call(self, method: str, path: str, **more: Any) -> dict[str, Any]:
        answer = self.client.request(method, path, **more)
        if answer.status_code >= 400:
            raise StepFailed(step=f"{method} {path}", status=answer.status_code, answer=answer.text[:300])
        found: dict[str, Any] = answer.json()
        return found

    def _must(self, holds: bool, step: str) -> None:
        if not holds:
            raise StepFailed(step=step, status="—", answer="otherwise than it must")

    def _say(self, words: str, path: str, file: str) -> None:
        self.step += 1
        click.echo(f"{self.step:>2}. {words}")
        where = f"{self.url}{path}   " if path else ""
        click.secho(f"      {where}{file}", dim=True)

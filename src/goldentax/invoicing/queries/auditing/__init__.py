"""
Audit the logs (日志审计): grow every tree anew from what is stored, and hold the books beside it against it.

One steady view of the database, read only. Memory: one batch, one page of rows, one sum for each day and kind; it does
not grow with the number of invoices.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from django.db import connection, transaction

from goldentax.invoicing.models import Desk
from goldentax.invoicing.queries.auditing import books
from goldentax.invoicing.queries.auditing.findings import AuditFinding, Findings
from goldentax.invoicing.queries.auditing.trees import Sums, TreeAudit
from goldentax.invoicing.rules import heads
from goldentax.kernel.crypto.keys import node_signer
from goldentax.kernel.node import this_node

__all__ = ["AuditFinding", "LogReport", "audit_logs", "steadily"]

Progress = Callable[[str, int, int], None]
"""Called after each batch with the log, the leaves read and the leaves to read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LogReport:
    """What an audit looked at, and what it found."""

    logs: int
    heads: int
    invoices: int
    plain_invoices: int  # from before the logs
    heads_compared: int
    findings: tuple[AuditFinding, ...]

    @property
    def is_whole(self) -> bool:
        return not self.findings


def audit_logs(
    *,
    log: str = "",
    published: Iterable[heads.TreeHead] = (),
    known_keys: frozenset[str] = frozenset(),
    progress: Progress = lambda log, done, total: None,
) -> LogReport:
    """
    Audit one log, or all of them with the books beside them; call it in :func:`steadily` while invoices are issued.

    :param published: heads kept outside the database.
    :param known_keys: public keys the node has signed with before its present one.
    """
    keys = {heads.key_id_of(one): one for one in known_keys | {node_signer().public_key_hex}}
    found, sums = Findings(), Sums()
    kept = _by_log(published)
    audits = [
        _audit_of(desk, keys=keys, found=found, sums=sums, kept=kept, progress=progress)
        for desk in Desk.objects.filter(pk__gte=0).order_by("pk").values_list("pk", flat=True)
        if log in ("", heads.log_of(node=this_node().code, desk=desk))
    ]
    compared = sum(len(one.published) for one in audits)
    for one in audits:
        one.run()
    plain = 0
    if not log:
        plain = books.check_plain(keys.values(), found)
        books.check_answers(found)
        books.check_numbers(found)
        books.check_limits(found)
        books.check_sums(sums, found)
    return LogReport(
        logs=len(audits),
        heads=sum(one.heads_seen for one in audits),
        invoices=sum(one.invoices for one in audits),
        plain_invoices=plain,
        heads_compared=compared,
        findings=tuple(found.listed),
    )


@contextmanager
def steadily() -> Iterator[None]:
    """Show one state of the database to all that is read herein, and let nothing be written."""
    with transaction.atomic(durable=True):
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        yield


def _by_log(published: Iterable[heads.TreeHead]) -> dict[str, dict[int, str]]:
    kept: dict[str, dict[int, str]] = {}
    for head in published:
        kept.setdefault(head.log, {})[head.tree_size] = heads.head_hash(head).hex()
    return kept


def _audit_of(
    desk: int,
    *,
    keys: dict[str, str],
    found: Findings,
    sums: Sums,
    kept: dict[str, dict[int, str]],
    progress: Progress,
) -> TreeAudit:
    log = heads.log_of(node=this_node().code, desk=desk)
    return TreeAudit(
        desk=desk,
        log=log,
        keys=keys,
        found=found,
        sums=sums,
        published=kept.get(log, {}),
        progress=lambda done, total: progress(log, done, total),
    )

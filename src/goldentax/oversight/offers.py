"""What oversight offers: the sealing of the trail, the measure of colleagues, two menu entries, the probe."""

from datetime import datetime

from goldentax.kernel import access, clock, registry
from goldentax.kernel.text import Text
from goldentax.oversight import operations, queries

SEAL_EVERY_S = 1.0
MEASURE_EVERY_S = 3600.0


def seal_trail(now: datetime) -> int:
    """Seal what waits; a block that is not full waits a few seconds for more."""
    return operations.seal(now=now)


def measure_peers(now: datetime) -> int:
    """Measure what is usual among colleagues."""
    return operations.measure_peers(now=now)


def check_chain() -> str:
    """Say what is wrong if records have waited long to be sealed: no worker runs, or a transaction was left open."""
    state = queries.chain_state()
    if not state.is_late(now=clock.now()):
        return ""
    return f"{state.waiting} audit records wait to be sealed since {state.oldest_waiting_at}"


registry.job(
    key="oversight.seal",
    label=Text("封存审计记录", "Seal the audit trail"),
    every_s=SEAL_EVERY_S,
    run=seal_trail,
)
registry.job(
    key="oversight.peers",
    label=Text("测算同事查看中位数", "Measure colleagues' looks"),
    every_s=MEASURE_EVERY_S,
    run=measure_peers,
)
registry.probe(key="audit-chain", label=Text("审计链", "Audit chain"), check=check_chain, needed=False)
registry.menu_entry(
    key="oversight",
    label=Text("审计", "Audit"),
    url="/oversight/",
    icon="shield-search",
    order=40,
    roles=(access.OFFICER,),
    function="oversight.trail.search",
)
registry.menu_entry(
    key="oversight-cases",
    label=Text("风险事项", "Cases"),
    url="/oversight/cases/",
    icon="alert-triangle",
    order=41,
    roles=(access.OFFICER,),
    function="oversight.case.handle",
)

"""What subjects offer to the halls: the officers' menu, quick actions, a card of invitations, the worker's jobs."""

from typing import Any

from django.http import HttpRequest

from goldentax.kernel import access, clock, registry
from goldentax.kernel.text import Text
from goldentax.subjects.operations import desk, life, loading, verifying
from goldentax.subjects.queries import people


def _waiting(request: HttpRequest) -> dict[str, Any]:
    login = access.actor_of(request).person_login
    waiting = people.list_invitations_for(login=login, now=clock.now())
    return {"waiting": waiting} if waiting else {}


registry.menu_entry(
    key="subjects",
    label=Text("主体", "Subjects"),
    url="/subjects/",
    icon="users",
    order=30,
    roles=(access.OFFICER,),
    function="subjects.subject.read",
)
registry.quick_action(
    key="subjects.people",
    label=Text("办税人员", "People"),
    hint=Text("谁可以为企业办税，邀请与终止", "Who may act for the company; invite and end"),
    url="/company/people",
    icon="users",
    order=80,
    roles=(access.TAXPAYER,),
)
registry.home_card(
    key="subjects.invitations",
    order=10,
    roles=(access.PERSON,),
    template="subjects/parts/invitations_card.html",
    context=_waiting,
    zone="today",
)
registry.job(
    key="subjects.verify",
    label=Text("核验待核验的主体", "Verify subjects that are due"),
    every_s=15,
    run=verifying.verify_due,
)
registry.job(
    key="subjects.recheck",
    label=Text("复核已核验的主体", "Ask again about verified subjects"),
    every_s=600,
    run=verifying.recheck_due,
)
registry.job(
    key="subjects.loads",
    label=Text("处理批量采集", "Carry on with bulk loads"),
    every_s=5,
    run=loading.run_due_loads,
)
registry.job(
    key="subjects.archive",
    label=Text("归档已注销的主体", "Archive cancelled subjects"),
    every_s=86_400,
    run=life.archive_cancelled,
)
registry.job(
    key="subjects.desk",
    label=Text("清理草稿与查询计数", "Throw away old drafts and counted questions"),
    every_s=3600,
    run=desk.sweep_desk,
)

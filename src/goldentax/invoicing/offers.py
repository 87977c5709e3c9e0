"""What invoicing offers to the halls: menu entries, quick actions, cards of the home page, search."""

from datetime import datetime
from typing import Any

from django.http import HttpRequest
from django.urls import reverse

from goldentax.invoicing import api as invoicing
from goldentax.invoicing.operations import bulk, following, reserving, witnessing
from goldentax.kernel import access, clock, registry
from goldentax.kernel.access import Actor
from goldentax.kernel.text import Text

LAST_SHOWN = 5
HEADS_EVERY_S = 5.0
BULK_EVERY_S = 0.3
EXPIRED_EVERY_S = 20.0


def publish_heads(now: datetime) -> int:
    """Take the newest heads of the logs out of the database."""
    return witnessing.publish_heads(now=now)


def expire_reservations(now: datetime) -> int:
    """End the reservations of limits whose time is over."""
    return reserving.expire_reservations(now=now)


def work_off_files(now: datetime) -> int:
    """Give the file of invoices whose turn it is its turn."""
    return bulk.work_off(now)


def _limit(request: HttpRequest) -> dict[str, Any]:
    actor = access.actor_of(request)
    return {"limit": invoicing.get_limit(tax_id=actor.taxpayer_id, on=clock.today())}


def _month(request: HttpRequest) -> dict[str, Any]:
    today = clock.today()
    filter_ = invoicing.InvoiceFilter(from_=today.replace(day=1), to=today)
    actor = access.actor_of(request)
    return {
        "summary": invoicing.summarise_invoices(actor=actor, filter_=filter_),
        "from": filter_.from_,
        "to": today,
    }


def _last(request: HttpRequest) -> dict[str, Any]:
    actor = access.actor_of(request)
    page = invoicing.list_invoices(actor=actor, filter_=invoicing.InvoiceFilter(), page_size=LAST_SHOWN)
    return {"rows": page.rows, "may_issue": access.ISSUER in actor.roles}


def _drafts(request: HttpRequest) -> dict[str, Any]:
    drafts = invoicing.list_drafts(actor=access.actor_of(request), limit=LAST_SHOWN)
    return {"drafts": drafts} if drafts else {}


def find_invoices(*, actor: Actor, text: str, limit: int) -> list[registry.Hit]:
    """Own invoices by number, buyer or goods, for the search over everything."""
    if not text.strip():
        return []
    filter_ = invoicing.read_filter({"q": text})
    page = invoicing.list_invoices(actor=actor, filter_=filter_, page_size=limit)
    return [
        registry.Hit(
            title=row.buyer_name,
            url=reverse("invoicing:show", args=[row.number]),
            sub=f"{row.number} · {row.issued_at:%Y-%m-%d} · {row.goods}",
        )
        for row in page.rows
    ]


registry.menu_entry(
    key="invoices",
    label=Text("发票", "Invoices"),
    url="/invoices/",
    icon="file-invoice",
    order=20,
    roles=(access.TAXPAYER,),
)
registry.menu_entry(
    key="limit",
    label=Text("额度", "Limit"),
    url="/limit/",
    icon="gauge",
    order=30,
    roles=(access.TAXPAYER,),
)
registry.menu_entry(
    key="verify",
    label=Text("查验", "Verify"),
    url="/verify/",
    icon="shield-check",
    order=50,
    roles=(access.PUBLIC,),
)
registry.menu_entry(
    key="log",
    label=Text("透明日志", "Log"),
    url="/log/",
    icon="binary-tree",
    order=55,
    roles=(access.PUBLIC,),
)
registry.job(
    key="invoicing.words",
    label=Text("登记发票检索词", "Write the words by which invoices are found"),
    every_s=2,
    run=following.write_search_words,
)
registry.job(
    key="invoicing.months",
    label=Text("预建月度分区", "Make the tables of the months to come"),
    every_s=3600,
    run=following.make_months_ahead,
)
registry.job(
    key="invoicing.log.heads",
    label=Text("公布日志树头", "Publish the heads of the logs"),
    every_s=HEADS_EVERY_S,
    run=publish_heads,
)
registry.job(
    key="invoicing.limit.expire",
    label=Text("到期的额度预留", "End reservations of limits"),
    every_s=EXPIRED_EVERY_S,
    run=expire_reservations,
)
registry.job(
    key="invoicing.bulk",
    label=Text("办理批量开票文件", "Work off files of invoices"),
    every_s=BULK_EVERY_S,
    run=work_off_files,
)
registry.quick_action(
    key="issue",
    label=Text("开具发票", "Issue an invoice"),
    hint=Text("专用发票、普通发票，边填边算", "Special or ordinary, totals as you type"),
    url="/invoices/new/",
    icon="file-plus",
    order=10,
    roles=(access.ISSUER,),
    primary=True,
)
registry.quick_action(
    key="invoices",
    label=Text("查询已开发票", "Find an invoice"),
    hint=Text("查找、下载、导出", "Search, download, export"),
    url="/invoices/",
    icon="file-search",
    order=20,
    roles=(access.TAXPAYER,),
)
registry.quick_action(
    key="verify",
    label=Text("发票查验", "Verify an invoice"),
    hint=Text("核对收到的发票是否真实", "Check an invoice you received"),
    url="/verify/",
    icon="shield-check",
    order=60,
    roles=(access.PUBLIC,),
)
registry.home_card(
    key="drafts",
    order=20,
    roles=(access.ISSUER,),
    template="invoicing/cards/drafts.html",
    context=_drafts,
    zone="today",
)
registry.home_card(
    key="limit",
    order=10,
    roles=(access.TAXPAYER,),
    template="invoicing/cards/limit.html",
    context=_limit,
    zone="money",
)
registry.home_card(
    key="month",
    order=20,
    roles=(access.TAXPAYER,),
    template="invoicing/cards/month.html",
    context=_month,
    zone="money",
)
registry.home_card(
    key="last-invoices",
    order=10,
    roles=(access.TAXPAYER,),
    template="invoicing/cards/last.html",
    context=_last,
    zone="changes",
)
registry.search_provider(
    key="invoices", label=Text("发票", "Invoices"), roles=(access.TAXPAYER,), find=find_invoices, order=10
)

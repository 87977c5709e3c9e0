"""
The people of the demo world who can sign in: accountants, owners, an agency's clerk, officers.

Legal representatives stand on the register by name only; an account that nobody has a password for would be
of use to nobody.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from goldentax.authority import api as authority
from goldentax.identity import api as identity
from goldentax.kernel.node import NodeDescription
from goldentax.node.demo import accounts, seeds
from goldentax.registry.api import TaxpayerView

_ACTOR = "system:demo"
_SINCE = date(2024, 1, 1)


@dataclass(frozen=True, slots=True)
class Duty:
    """For which company a person acts, in which duty (identity's codes)."""

    company: str  # a key of companies
    duty: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """One person with a password."""

    user: str
    name: str
    who_zh: str
    who_en: str
    duties: tuple[Duty, ...] = ()
    office: str = ""  # code of the office, for officers
    post: str = ""  # code of the post in it
    title: str = ""
    mobile: str = ""  # a number to which codes are sent; who has one signs in with two factors


def administrators(*, office: str, prefix: str, names: tuple[str, str, str, str]) -> tuple[Account, ...]:
    """
    Who administers an office and all below it: posts and three whose powers are kept apart (三员分立).

    Nobody of them can do alone what harms: one asks for a grant, another approves it, a third reads the trail. They
    have mobile numbers, so they sign in with a code besides the password; a demo world shows its messages on a page.
    """
    posts, system, security, audit = names
    mobiles = {
        user: seeds.mobile_number(f"{prefix}-{user}") for user in ("posts", "security", "system", "audit")
    }
    return (
        Account(
            user=f"{prefix}-posts",
            name=posts,
            who_zh="岗责管理（申请授权）",
            who_en="Administrator of posts (asks for grants)",
            office=office,
            post="post-admin",
            title="岗责管理岗",
            mobile=mobiles["posts"],
        ),
        Account(
            user=f"{prefix}-security",
            name=security,
            who_zh="安全管理员（审批授权）",
            who_en="Security administrator (approves grants)",
            office=office,
            post="security-admin",
            title="安全管理员",
            mobile=mobiles["security"],
        ),
        Account(
            user=f"{prefix}-system",
            name=system,
            who_zh="系统管理员（接入系统、证书）",
            who_en="System administrator (connected systems, certificates)",
            office=office,
            post="system-admin",
            title="系统管理员",
            mobile=mobiles["system"],
        ),
        Account(
            user=f"{prefix}-audit",
            name=audit,
            who_zh="审计管理员（审计与风险）",
            who_en="Audit administrator (trail and risk)",
            office=office,
            post="audit-admin",
            title="审计管理员",
            mobile=mobiles["audit"],
        ),
    )


def province_accounts(*, office: str, bureau: str) -> tuple[Account, ...]:
    """
    The accounts of a province; the first one is the seller that examples and tokens use.

    :param office: code of the district bureau that has the officer who works on invoices.
    :param bureau: code of the province's bureau.
    """
    return (
        Account(
            user="demo-seller",
            name="覃美玲",
            who_zh="糖厂开票员（一般纳税人）",
            who_en="Invoice clerk of a sugar mill (general taxpayer)",
            duties=(Duty("sugar", "09"), Duty("software", "09")),
        ),
        Account(
            user="demo-small",
            name="黄海燕",
            who_zh="餐馆店主（小规模纳税人）",
            who_en="Owner of a restaurant (small-scale taxpayer)",
            duties=(Duty("meals", "01"),),
        ),
        Account(
            user="demo-household",
            name="蒙桂英",
            who_zh="粉店店主（个体工商户）",
            who_en="Owner of a noodle shop (household business)",
            duties=(Duty("noodles", "01"),),
        ),
        Account(
            user="demo-clerk",
            name="陆雪梅",
            who_zh="代理记账，管五户",
            who_en="Accountant of an agency with five clients",
            duties=(
                Duty("accounting", "03"),
                Duty("office", "03"),
                Duty("tea", "03"),
                Duty("garage", "03"),
                Duty("print", "03"),
            ),
        ),
        Account(
            user="demo-finance",
            name="李建华",
            who_zh="糖厂财务负责人（只查询）",
            who_en="Head of finance of the sugar mill (looks only)",
            duties=(Duty("sugar", "02"),),
        ),
        Account(
            user="demo-buyer",
            name="唐小梅",
            who_zh="酒店财务（购买方）",
            who_en="Accountant of a hotel (a buyer)",
            duties=(Duty("hotel", "03"),),
        ),
        Account(
            user="demo-owner",
            name="韦晓彤",
            who_zh="自然人",
            who_en="A natural person",
            duties=(Duty("wei", "01"),),
        ),
        Account(
            user="demo-trouble",
            name="农文斌",
            who_zh="各种开不出票的企业",
            who_en="Companies that are refused: cancelled, abnormal, suspended, no, spent or expired limit",
            duties=tuple(
                Duty(company, "09")
                for company in ("tiny", "expired", "unlimited", "cancelled", "abnormal", "suspended", "new")
            ),
        ),
        Account(
            user="demo-officer",
            name="周国栋",
            who_zh="税务人员",
            who_en="Officer of a district bureau",
            office=office,
            post="invoice-manage",
            title="发票管理岗",
        ),
        *administrators(office=bureau, prefix="demo", names=("梁志远", "韦秋实", "莫春兰", "甘思齐")),
    )


def headquarters_accounts(*, office: str) -> tuple[Account, ...]:
    """The accounts of the headquarters."""
    return (
        Account(
            user="demo-hq-officer",
            name="廖思琪",
            who_zh="总局税务人员",
            who_en="Officer at headquarters",
            office=office,
            post="data-manage",
            title="数据管理岗",
        ),
        *administrators(office=office, prefix="demo-hq", names=("苏明哲", "程以安", "方若水", "陶静怡")),
    )


def settle_people(
    *,
    people: tuple[Account, ...],
    taxpayers: Mapping[str, TaxpayerView],
    home: Path,
    node: NodeDescription,
    url: str,
    now: datetime,
) -> None:
    """
    Register the people with their duties and posts, and write their passwords into the world's file.

    Who is there already keeps the password the file tells; where the file lost it, a new one is set.
    """
    known = {one["user"]: one.get("password", "") for one in accounts.read_accounts(home, node=node.code)}
    kept: list[dict[str, str]] = []
    for one in people:
        password = _settle(one, password=known.get(one.user, ""), now=now)
        _grant(one, taxpayers=taxpayers, now=now)
        first = taxpayers[one.duties[0].company].tax_id if one.duties else ""
        kept.append(
            {
                "who_zh": f"{one.who_zh} {one.name}",
                "who_en": one.who_en,
                "user": one.user,
                "password": password,
                "tax_id": first,
                "node": node.code,
                "url": url,
            }
        )
    accounts.keep_accounts(home, node=node.code, accounts=kept)


def _settle(account: Account, *, password: str, now: datetime) -> str:
    person = identity.find_person(login=account.user)
    if person is None:
        password = accounts.new_password()
        identity.register_person(
            login=account.user,
            name=account.name,
            password=password,
            id_card_number=identity_card_of(account),
            actor=_ACTOR,
            now=now,
            request_id=f"demo-person-{account.user}",
        )
    elif not password:
        password = accounts.new_password()
        identity.set_password(person_id=person.public_id, password=password, actor=_ACTOR, now=now)
    if account.mobile:
        _register_mobile(account, now=now)
    return password


def _register_mobile(account: Account, *, now: datetime) -> None:
    """Give a number to who has none; what somebody has put in its place since stays."""
    person = identity.find_person(login=account.user)
    assert person is not None
    if not identity.mobile_number_of(person.public_id):
        identity.register_mobile(person_id=person.public_id, mobile=account.mobile, actor=_ACTOR, now=now)


def identity_card_of(account: Account) -> str:
    """The identity card number of somebody with an account."""
    return seeds.identity_card(_card_key(account))


def _card_key(account: Account) -> str:
    # The natural person who signs in is the natural person on the register.
    return account.duties[0].company if account.user == "demo-owner" else account.user


def _grant(
    account: Account,
    *,
    taxpayers: Mapping[str, TaxpayerView],
    now: datetime,
) -> None:
    person = identity.find_person(login=account.user)
    assert person is not None
    for one in account.duties:
        taxpayer = taxpayers[one.company]
        identity.grant_membership(
            person_id=person.public_id,
            tax_id=taxpayer.tax_id,
            taxpayer_public_id=taxpayer.public_id,
            taxpayer_name=taxpayer.name,
            duty=one.duty,
            valid_from=max(_SINCE, taxpayer.registered_date),
            actor=_ACTOR,
            now=now,
            request_id=f"demo-duty-{account.user}-{one.company}",
        )
    if account.office:
        authority.appoint(
            person_id=person.public_id,
            office_code=account.office,
            post=account.post,
            title=account.title,
            valid_from=_SINCE,
            actor=_ACTOR,
            now=now,
            request_id=f"demo-post-{account.user}",
        )

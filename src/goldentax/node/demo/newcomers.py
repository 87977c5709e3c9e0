"""
Who may be registered in the demo world: invented people and companies that the local sources know and the register
does not yet. Some are made to be refused, each for one reason.

They are told on the registration pages of a demo world, from a file beside the accounts.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from goldentax.node.demo import seeds
from goldentax.registry.api import TaxpayerView
from goldentax.subjects import api as subjects
from goldentax.subjects.api import KnownCompany, KnownPerson

FILE_NAME = "demo-newcomers.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Newcomer:
    """One person or company to register, and what will come of it."""

    kind: str  # person or company
    name: str
    number: str
    what_zh: str
    what_en: str
    representative: str = ""


_PEOPLE = {
    "owner": (
        "农雅宁",
        "可登记；是下面两家企业的法定代表人",
        "Is verified; the representative of two companies below",
    ),
    "clerk": ("贺子墨", "可登记；可受邀担任办税员", "Is verified; may be invited as a clerk"),
}


def people() -> list[Newcomer]:
    """The people."""
    return [
        Newcomer(kind="person", name=name, number=_card(key), what_zh=zh, what_en=en)
        for key, (name, zh, en) in _PEOPLE.items()
    ]


def companies() -> list[Newcomer]:
    """The companies; all of them name the first of the people as their representative."""
    owner = _PEOPLE["owner"][0]
    rows = (
        ("fresh", "广西邕江鲜果供应链有限公司", "可登记", "Is registered"),
        (
            "closed",
            "广西旧时光文化传媒有限公司",
            "市场监管登记为已注销，应被拒绝",
            "Cancelled at the market regulator: refused",
        ),
        (
            "slow",
            "广西慢船物流有限公司",
            "来源不应答，可稍后再试",
            "Its source does not answer: tried again later",
        ),
    )
    return [
        Newcomer(kind="company", name=name, number=_code(key), what_zh=zh, what_en=en, representative=owner)
        for key, name, zh, en in rows
    ]


def seed_sources(
    *,
    taxpayers: Iterable[TaxpayerView],
    settled: Mapping[str, str],
    representatives: Mapping[str, str],
    home: Path,
) -> None:
    """
    Teach the local sources this world and its newcomers, and write the newcomers down for the pages.

    :param settled: the names of those who have accounts, by identity card number.
    :param representatives: the identity card numbers of legal representatives who have accounts, by tax id.
    """
    known = [
        KnownCompany(
            tax_id=one.tax_id,
            name=one.name,
            representative=one.representative,
            representative_id_card=representatives.get(one.tax_id, ""),
            address=one.address,
        )
        for one in taxpayers
    ]
    met = [KnownPerson(name=name, id_card=card) for card, name in settled.items()]
    met += [KnownPerson(name=one.name, id_card=one.number) for one in people()]
    subjects.seed_local_source(subjects.records_of(companies=known, people=met))
    subjects.seed_local_source(
        subjects.company_record(
            KnownCompany(
                tax_id=one.number,
                name=one.name,
                representative=one.representative,
                representative_id_card=_card("owner"),
                address="广西壮族自治区南宁市青秀区民族大道99号",
                division="450103",
                industry="5121",
                established="2026-10-20",
                is_cancelled=one.number == _code("closed"),
            ),
            is_slow=one.number == _code("slow"),
        )
        for one in companies()
    )
    told = json.dumps([asdict(one) for one in [*people(), *companies()]], ensure_ascii=False, indent=1)
    (home / FILE_NAME).write_text(told, encoding="utf-8")


def _card(key: str) -> str:
    return seeds.identity_card(f"newcomer-{key}")


def _code(key: str) -> str:
    return seeds.credit_code(f"newcomer-{key}", division="450103")

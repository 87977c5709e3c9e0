"""
Cleaning (数据清洗) of the rows of a bulk load: one form for names, numbers, telephones, places.

Nothing is guessed: a number that fails its check stays as it was typed, marked wrong, so that a person or the
matcher can say whose it was meant to be.
"""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass

from goldentax.kernel.text import Text
from goldentax.subjects.rules import credentials, kinds, names

COLUMNS: dict[str, tuple[str, ...]] = {
    "kind": ("类别", "主体类别", "kind"),
    "number": (
        "证件号码",
        "号码",
        "统一社会信用代码",
        "纳税人识别号",
        "身份证号码",
        "身份证号",
        "居民身份证号码",
        "number",
        "uscc",
        "id_card",
    ),
    "name": ("名称", "姓名", "企业名称", "单位名称", "纳税人名称", "name"),
    "representative": ("法定代表人", "负责人", "representative"),
    "phone": ("电话", "手机", "手机号", "联系电话", "phone", "mobile"),
    "address": ("地址", "住所", "注册地址", "address"),
    "division": ("行政区划", "行政区划代码", "division"),
}
"""What a column may be called in the first row of a file."""

NEEDED = ("number", "name")
COLUMN_NAMES = {
    "kind": Text("类别", "kind"),
    "number": Text("证件号码", "number"),
    "name": Text("名称（姓名）", "name"),
    "representative": Text("法定代表人", "representative"),
    "phone": Text("电话", "telephone"),
    "address": Text("地址", "address"),
    "division": Text("行政区划", "division"),
}
_KINDS = {name.zh: code for code, name in kinds.KIND_NAMES.items()} | {
    code: code for code in kinds.KIND_NAMES
}
_KINDS |= {"企业": kinds.LEGAL_ENTITY, "个人": kinds.NATURAL_PERSON, "中介": kinds.AGENCY}
_NOT_DIGITS = re.compile(r"\D+")
_SIX_DIGITS = re.compile(r"\d{6}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One row after cleaning. ``number`` is tidied and may still be wrong: see ``is_number_valid``."""

    row: int  # its place in the file, the first row of data is 1
    kind: str
    credential: str
    number: str
    is_number_valid: bool
    name: str
    representative: str = ""
    phone: str = ""  # digits only, without the country's 86
    address: str = ""
    division: str = ""  # six digits, "" for unknown
    lacks: tuple[str, ...] = ()

    def particulars(self) -> dict[str, str]:
        """What a subject keeps besides its name."""
        values = {
            "representative_name": self.representative,
            "phone": self.phone,
            "address": self.address,
            "division": self.division,
        }
        return {name: value for name, value in values.items() if value}


def columns_of(header: list[str]) -> dict[str, int]:
    """Which column stands where, by the first row of a file."""
    found: dict[str, int] = {}
    for place, title in enumerate(header):
        wanted = unicodedata.normalize("NFKC", title).strip().lower().replace("﻿", "")
        for name, titles in COLUMNS.items():
            if wanted in titles:
                found.setdefault(name, place)
    return found


def clean(*, row: int, cells: Mapping[str, str], default_kind: str = "") -> Entry:
    """Clean one row; what is missing or wrong is marked, never made up."""
    number = credentials.tidied(cells.get("number", ""))[:64]
    kind = _KINDS.get(_plain(cells.get("kind", "")), "") or default_kind or _kind_by_form(number)
    credential = _credential_of(kind, number)
    name = names.tidied(cells.get("name", ""))[: names.LENGTH_MAX]
    lacks = tuple(one for one, value in (("number", number), ("name", name)) if not value)
    return Entry(
        row=row,
        kind=kind,
        credential=credential,
        number=number,
        is_number_valid=bool(number) and credentials.is_valid(kind=credential, number=number),
        name=name,
        representative=names.tidied(cells.get("representative", ""))[:80],
        phone=clean_phone(cells.get("phone", "")),
        address=clean_address(cells.get("address", "")),
        division=_division(cells.get("division", ""), credential=credential, number=number),
        lacks=lacks,
    )


def clean_phone(text: str) -> str:
    """The digits of a telephone number, without 86 or 0086 before a mobile one."""
    digits = _NOT_DIGITS.sub("", unicodedata.normalize("NFKC", text))
    for prefix in ("0086", "86"):
        if digits.startswith(prefix) and len(digits) == len(prefix) + 11:
            return digits.removeprefix(prefix)
    return digits[:20]


def clean_address(text: str) -> str:
    """An address in half-width signs without blanks between Chinese characters."""
    return names.tidied(text)[:200]


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text).strip()


def _kind_by_form(number: str) -> str:
    if credentials.is_valid(kind=credentials.ID_CARD, number=number):
        return kinds.NATURAL_PERSON
    looks_like_card = len(number) == 18 and number[:17].isdigit() and number[6:8] in ("19", "20")
    return kinds.NATURAL_PERSON if looks_like_card else kinds.LEGAL_ENTITY


def _credential_of(kind: str, number: str) -> str:
    if kind == kinds.NATURAL_PERSON and number and not number[:6].isdigit():
        return credentials.PASSPORT
    return credentials.OF_KIND[kind][0]


def _division(text: str, *, credential: str, number: str) -> str:
    found = _SIX_DIGITS.search(_plain(text))
    return found.group() if found else credentials.division_of(kind=credential, number=number)

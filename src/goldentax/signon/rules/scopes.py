"""
What a client may ask for, and which claims (声明) each scope gives.

Claims are read when they are asked for, not when consent was given: a duty that ended yesterday is not told today.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any

from goldentax.kernel.text import Text
from goldentax.signon import errors

OPENID, PROFILE, TAXPAYER, OFFICE = "openid", "profile", "taxpayer", "office"
PHONE, WHOLE_PHONE, OFFLINE = "phone", "phone:whole", "offline_access"
INVOICES_READ, INVOICES_WRITE = "invoices:read", "invoices:write"
PEOPLE_READ, PEOPLE_WRITE = "people:read", "people:write"

SCOPES: dict[str, Text] = {
    OPENID: Text("识别您的身份", "Recognise you"),
    PROFILE: Text("您的姓名和语言", "Your name and language"),
    TAXPAYER: Text("您所代表的纳税人和您的办税身份", "The taxpayer you act for, and your duties there"),
    OFFICE: Text("您所在的税务机关和岗位", "Your tax office and post"),
    PHONE: Text("您的手机号（部分隐藏）", "Your mobile number, partly hidden"),
    WHOLE_PHONE: Text("您的完整手机号", "Your whole mobile number"),
    OFFLINE: Text("在您离线时继续使用上述权限", "Keep this while you are away"),
    INVOICES_READ: Text("以您的身份查询和下载发票", "Read and download invoices as you"),
    INVOICES_WRITE: Text("以您的身份开具发票", "Issue invoices as you"),
    PEOPLE_READ: Text("以您的身份查询企业信息和办税人员", "Read the company's record and its people as you"),
    PEOPLE_WRITE: Text("以您的身份邀请和终止办税人员", "Invite people and end their duties as you"),
}
API_SCOPES = frozenset({INVOICES_READ, INVOICES_WRITE, PEOPLE_READ, PEOPLE_WRITE})
"""
Scopes that open the node's own API. Reading the audit trail is none: no outside system gets it by a person's consent;
an officer makes a token for it themselves.
"""

CLAIMS = (
    *("sub", "iss", "aud", "exp", "iat", "auth_time", "nonce", "acr", "amr", "azp", "sid", "at_hash"),
    *("name", "locale", "tax_id", "taxpayer_name", "duties", "office_code", "office_name", "posts"),
    *("phone_number", "phone_number_masked"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What is true of a person now, in the identity (办税身份) they took when they signed in."""

    name: str
    language: str  # zh or en
    phone: str = ""  # as stored: 11 digits of a mainland mobile number, or ""
    tax_id: str = ""
    taxpayer_name: str = ""
    duties: tuple[tuple[str, str], ...] = ()  # code and name
    office_code: str = ""
    office_name: str = ""
    posts: tuple[str, ...] = ()


def read_scopes(text: str) -> tuple[str, ...]:
    """The scopes of a request in their order, each once."""
    return tuple(dict.fromkeys(text.split()))


def check_allowed(*, wanted: Iterable[str], allowed: Collection[str]) -> None:
    """
    Hold wanted scopes against those a client may ask for.

    :raises UnknownScope: for the first that it may not, and where openid is missing.
    """
    wanted = tuple(wanted)
    for scope in wanted:
        if scope not in SCOPES or scope not in allowed:
            raise errors.UnknownScope("scope", scope=scope[:40])
    if OPENID not in wanted:
        raise errors.UnknownScope("scope", scope="≠ openid")


def claims_of(*, scopes: Collection[str], facts: Facts) -> dict[str, Any]:
    """The claims of these scopes; what is not true of the person is left out, never sent empty."""
    found: dict[str, Any] = {}
    if PROFILE in scopes:
        found |= {"name": facts.name, "locale": "en" if facts.language == "en" else "zh-CN"}
    if TAXPAYER in scopes and facts.tax_id:
        found |= {
            "tax_id": facts.tax_id,
            "taxpayer_name": facts.taxpayer_name,
            "duties": [{"code": code, "name": name} for code, name in facts.duties],
        }
    if OFFICE in scopes and facts.office_code:
        found |= {
            "office_code": facts.office_code,
            "office_name": facts.office_name,
            "posts": list(facts.posts),
        }
    if WHOLE_PHONE in scopes and facts.phone:
        found["phone_number"] = f"+86{facts.phone}"
    elif PHONE in scopes and facts.phone:
        found["phone_number_masked"] = masked_phone(facts.phone)
    return found


def masked_phone(phone: str) -> str:
    """A mobile number as it may be shown: the first three and the last four digits."""
    return f"{phone[:3]}{'*' * max(len(phone) - 7, 1)}{phone[-4:]}" if len(phone) > 7 else "*" * len(phone)

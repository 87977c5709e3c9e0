"""
The duties a person may have for a taxpayer (办税身份), and what each opens.

The codes are those of the e-invoice service (电子税务局登录身份类型). Issuing invoices is open to the legal
representative, the tax clerk, the administrator and the issuer; finance and sales people look.
"""

from goldentax.kernel import access
from goldentax.kernel.text import Text

DUTIES: dict[str, Text] = {
    "01": Text("法定代表人", "Legal representative"),
    "02": Text("财务负责人", "Head of finance"),
    "03": Text("办税员", "Tax clerk"),
    "05": Text("管理员", "Administrator"),
    "08": Text("社保经办人", "Social insurance clerk"),
    "09": Text("开票员", "Invoice issuer"),
    "10": Text("销售人员", "Sales person"),
}

ISSUING_DUTIES = frozenset({"01", "03", "05", "09"})

INVOICES_READ = "invoices:read"
INVOICES_WRITE = "invoices:write"
PEOPLE_READ = "people:read"
PEOPLE_WRITE = "people:write"
AUDIT_READ = "audit:read"
TAXPAYER_SCOPES: dict[str, Text] = {
    INVOICES_READ: Text("查询和下载发票", "Read and download invoices"),
    INVOICES_WRITE: Text("开具发票", "Issue invoices"),
    PEOPLE_READ: Text("查询企业信息和办税人员", "Read the company's record and its people"),
    PEOPLE_WRITE: Text("邀请、变更和终止办税人员", "Invite people, change and end their duties"),
}
OFFICE_SCOPES: dict[str, Text] = {
    AUDIT_READ: Text("检索审计记录、查询授权依据", "Search the audit trail, ask why somebody may"),
}
SCOPES: dict[str, Text] = TAXPAYER_SCOPES | OFFICE_SCOPES
USUAL_SCOPES = (INVOICES_READ, INVOICES_WRITE)
"""What most programs are for; more is given only where somebody chooses it."""


def duty_name(code: str, language: str) -> str:
    """Name a duty for people."""
    return DUTIES[code].in_language(language)


def roles_for_taxpayer(duties: frozenset[str]) -> frozenset[str]:
    """What somebody who is signed in and acts for a taxpayer in these duties may open."""
    roles = {access.PUBLIC, access.PERSON, access.TAXPAYER}
    if duties & ISSUING_DUTIES:
        roles.add(access.ISSUER)
    return frozenset(roles)


def scopes_for(*, is_office: bool) -> dict[str, Text]:
    """What a token may be given that acts for an office, or for a taxpayer; the two have nothing in common."""
    return OFFICE_SCOPES if is_office else TAXPAYER_SCOPES


def roles_of_token(*, duties: frozenset[str], scopes: frozenset[str]) -> frozenset[str]:
    """
    What a program may open with a token: never more than its holder could, and never a person's own pages.

    Issuing needs the duty and the scope, so a token that may only read opens no door of issuers.
    """
    roles = {access.PUBLIC, access.TAXPAYER}
    if duties & ISSUING_DUTIES and INVOICES_WRITE in scopes:
        roles.add(access.ISSUER)
    return frozenset(roles)

"""
The words of the register: kinds, states, filing periods.

States are the official 纳税人状态代码 (``nsrztdm``: 01–13 and 99, FACTS §3; their names are public in the
service's field descriptions); kinds follow ``nsrlx`` as far as this system tells them apart.
"""

from enum import StrEnum

from goldentax.kernel.text import Text


class TaxpayerKind(StrEnum):
    """纳税人类型: who may use which rates and issue what."""

    GENERAL = "general"  # 一般纳税人
    SMALL = "small"  # 小规模纳税人
    PERSON = "person"  # 自然人


KIND_NAMES = {
    TaxpayerKind.GENERAL: Text("一般纳税人", "General taxpayer"),
    TaxpayerKind.SMALL: Text("小规模纳税人", "Small-scale taxpayer"),
    TaxpayerKind.PERSON: Text("自然人", "Natural person"),
}

NORMAL = "03"
ABNORMAL = "05"
CANCELLED = "07"

STATUS_NAMES = {
    "01": Text("受理", "Accepted"),
    "02": Text("筹建期", "Being set up"),
    "03": Text("正常", "Normal"),
    "04": Text("停业", "Suspended"),
    "05": Text("非正常", "Abnormal"),
    "06": Text("清算", "In liquidation"),
    "07": Text("注销", "Cancelled"),
    "08": Text("非正常户注销", "Cancelled as abnormal"),
    "09": Text("报验", "Registered for work here"),
    "10": Text("核销报验", "Work here closed"),
    "11": Text("中断缴费", "Contributions interrupted"),
    "12": Text("恢复缴费", "Contributions resumed"),
    "13": Text("简易注销无异议", "Simple cancellation, no objection"),
    "99": Text("其他", "Other"),
}
"""纳税人状态代码 and what each means."""

FILING_PERIODS = {
    "month": Text("按月", "Monthly"),
    "quarter": Text("按季", "Quarterly"),
    "half-year": Text("按半年", "Half-yearly"),
    "year": Text("按年", "Yearly"),
    "once": Text("按次", "Per transaction"),
}
"""纳税期限."""

TAX_NAMES = {
    "vat": Text("增值税", "Value-added tax"),
    "cit": Text("企业所得税", "Corporate income tax"),
    "pit-business": Text("个人所得税（经营所得）", "Individual income tax (business income)"),
    "urban-construction": Text("城市维护建设税", "City maintenance and construction tax"),
    "education": Text("教育费附加", "Education surcharge"),
    "local-education": Text("地方教育附加", "Local education surcharge"),
    "stamp": Text("印花税", "Stamp duty"),
    "property": Text("房产税", "House property tax"),
    "land-use": Text("城镇土地使用税", "Urban land use tax"),
    "consumption": Text("消费税", "Consumption tax"),
    "resource": Text("资源税", "Resource tax"),
    "environment": Text("环境保护税", "Environmental protection tax"),
}
"""征收项目 that a taxpayer can be found liable to."""


def kind_name(kind: str) -> Text:
    """The name of a kind of taxpayer; the bare code where there is none."""
    return KIND_NAMES[TaxpayerKind(kind)] if kind in set(TaxpayerKind) else Text(kind, kind)


def status_name(status: str) -> Text:
    """The name of a state of registration; the bare code where there is none."""
    return STATUS_NAMES.get(status, Text(status, status))

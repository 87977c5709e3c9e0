"""Identifier, address, telephone, bank and representative of a demo taxpayer, worked out from its key."""

from goldentax.node.demo import companies, seeds
from goldentax.node.demo.companies import Company

_STREETS = (
    "民族大道",
    "解放路",
    "人民中路",
    "江滨路",
    "金湖路",
    "文昌路",
    "环城南路",
    "兴桂路",
    "迎宾大道",
    "新华街",
)
_BANKS = (
    "中国工商银行",
    "中国农业银行",
    "中国银行",
    "中国建设银行",
    "桂林银行",
    "柳州银行",
    "广西北部湾银行",
)
_SURNAMES = "黄韦梁覃陆李陈莫蒙农罗廖唐周蓝林谢苏卢甘"
_GIVEN = (
    "志强",
    "美玲",
    "桂英",
    "海燕",
    "建华",
    "小梅",
    "文斌",
    "丽娟",
    "国栋",
    "秀兰",
    "晓东",
    "春燕",
    "永福",
    "雪梅",
    "家豪",
    "思琪",
)
_AREA_CODES = {
    "4501": "0771",
    "4502": "0772",
    "4503": "0773",
    "4504": "0774",
    "4505": "0779",
    "4506": "0770",
    "4507": "0777",
    "4508": "0775",
    "4509": "0775",
    "4510": "0776",
    "4511": "0774",
    "4512": "0778",
    "4513": "0772",
    "4514": "0771",
    "4301": "0731",
    "4304": "0734",
    "4310": "0735",
    "4311": "0746",
}


def tax_id_of(company: Company) -> str:
    """The identifier: a unified social credit code, or an identity card number of a natural person."""
    if company.kind == "person":
        return seeds.identity_card(company.key)
    return seeds.credit_code(
        company.key, division=company.division, is_household=company.type == companies.HOUSEHOLD
    )


def address_of(company: Company, *, place: str) -> str:
    """An address in the company's division, whose names are given."""
    throw = seeds.dice("address", company.key)
    return f"{place}{throw.choice(_STREETS)}{throw.randint(2, 188)}号"


def phone_of(company: Company) -> str:
    """A telephone number with the city's area code; 555 is given to nobody."""
    return f"{_AREA_CODES[company.division[:4]]}-555{seeds.digits(4, 'phone', company.key)}"


def bank_of(company: Company, *, city: str) -> tuple[str, str]:
    """Bank and account."""
    throw = seeds.dice("bank", company.key)
    branch = throw.choice(("营业部", "新城支行", "江南支行", "高新支行"))
    return f"{throw.choice(_BANKS)}{city}{branch}", seeds.digits(
        throw.choice((16, 17, 19)), "account", company.key
    )


def person_name(*parts: object) -> str:
    """An invented person's name as they are common in Guangxi."""
    throw = seeds.dice("person", *parts)
    return throw.choice(_SURNAMES) + throw.choice(_GIVEN)

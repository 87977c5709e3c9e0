"""
A load with planted duplicates, and who they really are: the measure of every matcher.

Deterministic for a seed. Beside the duplicates stand the cases that must *not* be joined: two people of one name, a
company and its branch under one roof, sisters on one telephone, chains of shops.
"""

import random
from dataclasses import dataclass

from goldentax.kernel.values import identifiers

_CITIES = {
    "4501": "南宁市", "4502": "柳州市", "4503": "桂林市", "4504": "梧州市", "4505": "北海市", "4507": "钦州市",
    "4508": "贵港市", "4509": "玉林市", "4510": "百色市", "4512": "河池市", "4513": "来宾市", "4514": "崇左市",
}  # fmt: skip
_SURNAMES = "黄韦梁覃陆李陈莫蒙农罗廖唐周蓝林谢苏卢甘王张刘杨赵吴徐孙马朱胡郭何高"
_GIVEN = "志强美玲桂英海燕建华小梅文斌丽娟国栋秀兰晓东春永福雪家豪思琪雅琴启明远彤俊杰婷欣怡浩然子涵宇轩梓萱"
_BRAND = (
    "桂岭龙壁象岩青禾北湾草堂西江右古窑银沙八步源红河荷城邕绿洲壶漓传媒桂五南疆友谊京"
    "岛都峤圭畅丝云瑞衡浔还珠佳洁骑楼福康顺达博鲜果惠邻左阔宏运峰满启容食粤岭海天华盛泰和祥瑞丰盈"
)
_TRADES = (
    "糖业", "机械制造", "旅游发展", "软件科技", "物流", "中药饮片", "茶业", "贸易", "陶瓷", "海产", "建材", "饮料",
    "纸业", "服饰", "办公用品", "医药", "汽车零部件", "酒店管理", "广告传媒", "人力资源服务", "物业服务", "电力设备",
    "餐饮管理", "家政服务", "电子商务", "农业开发", "信息技术", "装饰工程", "电子科技", "园林绿化",
)  # fmt: skip
_FORMS = ("有限公司", "有限责任公司", "股份有限公司", "（个人独资）", "商行")
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
_SOUNDS = dict(
    zip("华强英明东梅燕文江城青源丰和禾海天龙", "花墙鹰名冬媒艳闻姜成清元风河合嗨添隆", strict=True)
)
_ORGANISATION = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_DIGITS = "0123456789"


@dataclass(frozen=True, slots=True)
class Planted:
    """The rows of a load as they would be typed, and of each who it is."""

    rows: list[dict[str, str]]
    truth: list[int]  # the same number: the same subject

    def true_pairs(self) -> set[tuple[int, int]]:
        """Every pair of places that mean the same subject."""
        places: dict[int, list[int]] = {}
        for place, who in enumerate(self.truth):
            places.setdefault(who, []).append(place)
        return {
            (left, right)
            for found in places.values()
            for i, left in enumerate(found)
            for right in found[i + 1 :]
        }


def make(*, count: int, duplicates: float = 0.03, seed: int = 7) -> Planted:
    """Make a load of so many rows, three in five of them companies."""
    throw = random.Random(seed)
    wanted = int(count * duplicates)
    singles: list[dict[str, str]] = []
    while len(singles) < count - wanted:
        row = _company(throw) if throw.random() < 0.6 else _person(throw)
        singles.append(row)
        if throw.random() < 0.02 and len(singles) < count - wanted:
            singles.append(_lookalike(throw, row))
    rows = [(row, who) for who, row in enumerate(singles)]
    for who in throw.sample(range(len(singles)), wanted):
        rows.append((_spoiled(throw, singles[who]), who))
    throw.shuffle(rows)
    return Planted([row for row, _ in rows], [who for _, who in rows])


def _company(throw: random.Random) -> dict[str, str]:
    city = throw.choice(list(_CITIES))
    organisation = "MAY" + "".join(throw.choice(_ORGANISATION) for _ in range(5))
    return {
        "类别": "单位",
        "证件号码": identifiers.make_uscc(prefix=f"91{city}{throw.choice(('02', '03', '05', '07'))}",
                                       organisation8=organisation),
        "名称": _CITIES[city][:2] + throw.choice(_BRAND) + throw.choice(_BRAND) + throw.choice(_TRADES)
        + throw.choice(_FORMS),
        "法定代表人": _name(throw),
        "电话": _phone(throw),
        "地址": f"{_CITIES[city]}{throw.choice(_STREETS)}{throw.randint(1, 300)}号",
    }  # fmt: skip


def _person(throw: random.Random) -> dict[str, str]:
    born = f"{throw.randint(1950, 2005)}{throw.randint(1, 12):02d}{throw.randint(1, 28):02d}"
    city = throw.choice(list(_CITIES))
    return {
        "类别": "自然人",
        "证件号码": identifiers.make_id_card(
            f"{city}{throw.choice(('02', '03', '21'))}{born}{throw.randint(1, 999):03d}"
        ),
        "名称": _name(throw),
        "法定代表人": "",
        "电话": _phone(throw),
        "地址": f"{_CITIES[city]}{throw.choice(_STREETS)}{throw.randint(1, 300)}号",
    }


def _lookalike(throw: random.Random, row: dict[str, str]) -> dict[str, str]:
    """Another subject that shares much with this one."""
    if row["类别"] == "自然人":
        other = _person(throw)
        shared = throw.choice((("名称",), ("电话", "地址"), ("名称", "地址")))
        return other | {name: row[name] for name in shared}
    other = _company(throw)
    if throw.random() < 0.5:  # a branch under the same roof, of the same person
        return other | {
            "证件号码": identifiers.make_uscc(
                prefix=row["证件号码"][:8], organisation8=other["证件号码"][8:16]
            ),
            "名称": row["名称"].removesuffix("有限公司") + throw.choice(("第一分公司", "二店", "江南分公司")),
            "法定代表人": row["法定代表人"],
            "电话": row["电话"],
            "地址": row["地址"],
        }
    return other | {"名称": other["名称"][:2] + row["名称"][2:]}  # the same brand in another city


def _spoiled(throw: random.Random, row: dict[str, str]) -> dict[str, str]:
    """The same subject once more, as somebody else typed it."""
    again = dict(row)
    kind = throw.random()
    if kind < 0.30:  # only dressed differently: this one must be found without a person
        again["名称"] = again["名称"].replace("（", " (").replace("）", ")")
        again["证件号码"] = _wide(again["证件号码"]) if throw.random() < 0.5 else _grouped(again["证件号码"])
        again["电话"] = "+86 " + again["电话"]
    elif kind < 0.55:  # a slip in the number
        again["证件号码"] = _slip(throw, again["证件号码"])
        again["电话"] = "" if throw.random() < 0.4 else again["电话"]
    elif kind < 0.75:  # a wrong character in the name
        again["名称"] = _misspelt(throw, again["名称"])
        again["地址"] = ""
    elif kind < 0.85:  # no number at all
        again["证件号码"] = ""
        again["地址"] = again["地址"].replace("号", "号院")
    elif kind < 0.93:  # a slip in the number and in the name
        again["证件号码"] = _slip(throw, again["证件号码"])
        again["名称"] = _misspelt(throw, again["名称"])
    else:  # hard: no number, another telephone, a name typed wrong; only the address is left
        again["证件号码"] = ""
        again["电话"] = _phone(throw)
        again["名称"] = _misspelt(throw, again["名称"])
    return again


def _name(throw: random.Random) -> str:
    given = throw.choice(_GIVEN) + (throw.choice(_GIVEN) if throw.random() < 0.85 else "")
    return throw.choice(_SURNAMES) + given


def _phone(throw: random.Random) -> str:
    return "1" + throw.choice("3578") + "".join(throw.choice(_DIGITS) for _ in range(9))


def _wide(text: str) -> str:
    return "".join(chr(ord(sign) + 0xFEE0) for sign in text)


def _grouped(text: str) -> str:
    return " ".join(text[i : i + 4] for i in range(0, len(text), 4)).lower()


def _slip(throw: random.Random, number: str) -> str:
    place = throw.randrange(2, len(number) - 1)
    if throw.random() < 0.35 and number[place] != number[place + 1]:
        return number[:place] + number[place + 1] + number[place] + number[place + 2 :]
    other = throw.choice([sign for sign in _DIGITS if sign != number[place]])
    return number[:place] + other + number[place + 1 :]


def _misspelt(throw: random.Random, name: str) -> str:
    places = [place for place, sign in enumerate(name) if sign in _SOUNDS]
    if places and throw.random() < 0.7:
        place = throw.choice(places)
        return name[:place] + _SOUNDS[name[place]] + name[place + 1 :]
    if len(name) > 4:
        place = throw.randrange(2, len(name) - 2)
        return name[:place] + name[place + 1 :]
    return name[:-1] + throw.choice(_GIVEN)

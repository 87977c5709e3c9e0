"""
The tax offices of the demo world, by their real shape: headquarters, the bureaus of provinces and plan
cities, and in Guangxi its fourteen cities with their counties and some branches.

A code is ``1`` + the six digits of the division + four digits of the office.
"""

from datetime import date

from goldentax.authority.api import OfficeView
from goldentax.kernel.codes import api as codes

HEADQUARTERS = "10000000000"
_BUREAU = "国家税务总局{}税务局"
# 计划单列市 have bureaus of their own beside their province's.
_PLAN_CITIES = {
    "210200": "大连市",
    "330200": "宁波市",
    "350200": "厦门市",
    "370200": "青岛市",
    "440300": "深圳市",
}
_WITHOUT_BUREAU = {"710000", "810000", "820000"}  # Taiwan, Hong Kong, Macao
_BRANCHES = {
    "450103": ("第一税务所", "第二税务所", "第三税务所"),
    "450107": ("第一税务所", "第二税务所"),
    "450108": ("五象税务所",),
    "450205": ("第一税务所",),
    "450302": ("第一税务所",),
    "450403": ("第一税务所",),
    "450902": ("第一税务所",),
    "451421": ("新宁税务所", "渠黎税务所"),
}


def office_code(division: str, serial: int = 0) -> str:
    """The code of an office: of a division's bureau, or of its n-th branch."""
    return f"1{division}{serial:04d}"


def headquarters_offices(*, on: date) -> list[OfficeView]:
    """The headquarters and the bureaus directly below it."""
    found = [_office(HEADQUARTERS, "国家税务总局", "总局", "hq", "", "000000")]
    provinces = codes.list_children(table=codes.DIVISION, parent="", on=on)
    names = {one.code: one.name for one in provinces if one.code not in _WITHOUT_BUREAU} | _PLAN_CITIES
    found += [_bureau(code, name, "province", HEADQUARTERS) for code, name in sorted(names.items())]
    return found


def province_offices(*, province: str, on: date) -> list[OfficeView]:
    """
    The bureaus of a province's cities and counties, and some branches.

    :param province: two digits, as in the code of the node.
    """
    top, found = f"{province}0000", []
    for city in codes.list_children(table=codes.DIVISION, parent=top, on=on):
        found.append(_bureau(city.code, city.name, "city", office_code(top)))
        for county in codes.list_children(table=codes.DIVISION, parent=city.code, on=on):
            full = city.name + county.name if county.name.endswith("区") else county.name
            found.append(_bureau(county.code, full, "county", office_code(city.code), short=county.name))
            found += _branches(county.code, full)
    return found


def local_office(division: str) -> str:
    """The office in charge of a division: its first branch where it has one, else its bureau."""
    return office_code(division, 100 if division in _BRANCHES else 0)


def _branches(county: str, full_name: str) -> list[OfficeView]:
    return [
        _office(
            office_code(county, number * 100),
            _BUREAU.format(full_name) + name,
            name,
            "branch",
            office_code(county),
            county,
        )
        for number, name in enumerate(_BRANCHES.get(county, ()), start=1)
    ]


def _bureau(division: str, name: str, level: str, parent: str, *, short: str = "") -> OfficeView:
    return _office(
        office_code(division), _BUREAU.format(name), f"{short or name}税务局", level, parent, division
    )


def _office(code: str, name: str, short: str, level: str, parent: str, division: str) -> OfficeView:
    return OfficeView(
        code=code, name=name, short_name=short, level=level, parent_code=parent, division_code=division
    )

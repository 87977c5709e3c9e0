"""What the portal itself offers: home and help in the menu, words and codes in the search."""

from urllib.parse import quote

from goldentax.kernel import access, clock, registry
from goldentax.kernel.access import Actor
from goldentax.kernel.codes import api as codes
from goldentax.kernel.text import Text
from goldentax.portal import queries


def _find_codes(*, actor: Actor, text: str, limit: int) -> list[registry.Hit]:
    found = codes.search_codes(table=codes.TAX_CLASSIFICATION, text=text, on=clock.today(), limit=limit)
    return [
        registry.Hit(
            title=one.name,
            sub=f"{one.code} · *{one.short_name}*" if one.short_name else one.code,
            url=f"/codes/{quote(one.table)}/{quote(one.code)}",
        )
        for one in found
    ]


registry.menu_entry(
    key="home",
    label=Text("首页", "Home"),
    url="/",
    icon="home",
    order=0,
    roles=(access.PUBLIC,),
)
registry.menu_entry(
    key="help",
    label=Text("帮助", "Help"),
    url="/help",
    icon="help",
    order=95,
    roles=(access.PUBLIC,),
)
registry.search_provider(
    key="help",
    label=Text("术语与代码", "Words and codes"),
    roles=(access.PUBLIC,),
    find=queries.find_help,
    order=90,
)
registry.search_provider(
    key="codes",
    label=Text("税收分类编码", "Tax classification codes"),
    roles=(access.PUBLIC,),
    find=_find_codes,
    order=80,
)
registry.quick_action(
    key="codes",
    label=Text("税收分类编码查询", "Tax classification codes"),
    hint=Text("按名称、拼音或编码查找", "Find by word, pinyin or code"),
    url="/codes",
    icon="category",
    order=70,
    roles=(access.PUBLIC,),
)

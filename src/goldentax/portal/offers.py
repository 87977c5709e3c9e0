"""What the portal itself offers: home and help in the menu, words and codes in the search."""

from goldentax.kernel import access, registry
from goldentax.kernel.text import Text
from goldentax.portal import queries

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

"""What the registry offers to the halls: menu entries, a quick action, and search in one's own catalogues."""

from django.urls import reverse

from goldentax.kernel import access, registry
from goldentax.kernel.access import Actor
from goldentax.kernel.text import Text
from goldentax.registry import api as register


def find_customers(*, actor: Actor, text: str, limit: int) -> list[registry.Hit]:
    """The actor's own customers by name, identifier or initials, for the search over everything."""
    if not text.strip():
        return []
    found = register.search_customers(owner_tax_id=actor.taxpayer_id, text=text, limit=limit)
    return [registry.Hit(title=one.name, url=_list(actor, "customer", one), sub=one.tax_id) for one in found]


def find_goods(*, actor: Actor, text: str, limit: int) -> list[registry.Hit]:
    """The actor's own goods and services by name, code or initials, for the search over everything."""
    if not text.strip():
        return []
    found = register.search_goods(owner_tax_id=actor.taxpayer_id, text=text, limit=limit)
    return [
        registry.Hit(
            title=f"*{one.short_name}*{one.name}",
            url=_list(actor, "good", one),
            sub=" · ".join(part for part in (one.tax_code, one.specification, one.unit) if part),
        )
        for one in found
    ]


def _list(actor: Actor, noun: str, one: register.CustomerView | register.GoodView) -> str:
    """The entry's own page for who may change it, else the list searched for it."""
    if access.ISSUER in actor.roles:
        return reverse(f"registry:{noun}-change", args=[one.public_id])
    return reverse(f"registry:{noun}s", query={"q": one.name})


registry.menu_entry(
    key="catalogue",
    label=Text("开票信息", "Customers & goods"),
    url="/catalogue/",
    icon="address-book",
    order=40,
    roles=(access.TAXPAYER,),
)
registry.menu_entry(
    key="taxpayer",
    label=Text("登记信息", "Registration"),
    url="/taxpayer/",
    icon="building",
    order=60,
    roles=(access.TAXPAYER,),
)
registry.quick_action(
    key="catalogue",
    label=Text("开票信息", "Customers and goods"),
    hint=Text("常用客户、商品和服务", "The buyers and wares you use often"),
    url="/catalogue/",
    icon="address-book",
    order=40,
    roles=(access.TAXPAYER,),
)
registry.search_provider(
    key="customers",
    label=Text("客户", "Customers"),
    roles=(access.TAXPAYER,),
    find=find_customers,
    order=20,
)
registry.search_provider(
    key="goods",
    label=Text("商品和服务", "Goods and services"),
    roles=(access.TAXPAYER,),
    find=find_goods,
    order=30,
)

"""What the registry offers to the halls: two menu entries."""

from goldentax.kernel import access, registry
from goldentax.kernel.text import Text

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

"""The front door of the registry."""

from goldentax.registry.errors import (
    AlreadyRegistered,
    BadIdentifier,
    UnknownCustomer,
    UnknownGood,
    UnknownTaxpayer,
    WrongCheckCharacter,
)
from goldentax.registry.operations.batches import add_customers, add_goods
from goldentax.registry.operations.catalogue import remove_customer, remove_good, save_customer, save_good
from goldentax.registry.operations.taxpayers import change_kind, change_taxpayer, register_taxpayer
from goldentax.registry.queries.catalogue import (
    get_customer,
    get_good,
    list_customers,
    list_goods,
    search_customers,
    search_goods,
)
from goldentax.registry.queries.codes import search_tax_codes, usual_rate
from goldentax.registry.queries.taxpayers import (
    find_taxpayer,
    find_taxpayer_by_public_id,
    get_taxpayer,
    kind_on,
    list_kind_spans,
    list_tax_kinds,
    list_taxpayers,
    search_taxpayers,
)
from goldentax.registry.rules.catalogue import CustomerEntry, GoodEntry
from goldentax.registry.rules.kinds import (
    ABNORMAL,
    CANCELLED,
    NORMAL,
    STATUS_NAMES,
    TaxpayerKind,
    kind_name,
    status_name,
)
from goldentax.registry.rules.registration import Changes, Registration, TaxKindGrant
from goldentax.registry.rules.views import (
    CustomerView,
    GoodView,
    KindSpanView,
    Page,
    PublicTaxpayer,
    TaxKindView,
    TaxpayerView,
    masked,
    public_part,
)

__all__ = [
    "ABNORMAL",
    "CANCELLED",
    "NORMAL",
    "STATUS_NAMES",
    "AlreadyRegistered",
    "BadIdentifier",
    "Changes",
    "CustomerEntry",
    "CustomerView",
    "GoodEntry",
    "GoodView",
    "KindSpanView",
    "Page",
    "PublicTaxpayer",
    "Registration",
    "TaxKindGrant",
    "TaxKindView",
    "TaxpayerKind",
    "TaxpayerView",
    "UnknownCustomer",
    "UnknownGood",
    "UnknownTaxpayer",
    "WrongCheckCharacter",
    "add_customers",
    "add_goods",
    "change_kind",
    "change_taxpayer",
    "find_taxpayer",
    "find_taxpayer_by_public_id",
    "get_customer",
    "get_good",
    "get_taxpayer",
    "kind_name",
    "kind_on",
    "list_customers",
    "list_goods",
    "list_kind_spans",
    "list_tax_kinds",
    "list_taxpayers",
    "masked",
    "public_part",
    "register_taxpayer",
    "remove_customer",
    "remove_good",
    "save_customer",
    "save_good",
    "search_customers",
    "search_goods",
    "search_tax_codes",
    "search_taxpayers",
    "status_name",
    "usual_rate",
]

"""
The catalogue of posts and functions (岗责目录) as the lawbook has it on a day.

A *post* (岗位) carries *duties* (职责), a duty carries *function sets* (功能集), a set names functions of the *function
tree* (功能树): system, centre, function, by dotted code. Taxpayers' duties carry sets of their own. Tables:
``lawbook/authority/{posts,duties,function_sets,segregation,conditions}.yaml`` and ``functions/<module>.yaml``; every
module writes its own functions there.
"""

from goldentax.authority.rules.catalogue.entries import (
    ACT,
    CENTRE,
    FIELD,
    KINDS,
    OFFICE_PARTY,
    PAGE,
    SYSTEM,
    TAXPAYER_PARTY,
    Duty,
    Function,
    FunctionSet,
    Post,
    SegregationRule,
)
from goldentax.authority.rules.catalogue.reading import (
    EVER,
    catalogue_on,
    changed_before,
    changes_after,
    function_paths,
    read_catalogue,
    refuse_unknown,
)
from goldentax.authority.rules.catalogue.whole import (
    TWO_FACTORS,
    Catalogue,
)

__all__ = [
    "ACT",
    "CENTRE",
    "EVER",
    "FIELD",
    "KINDS",
    "OFFICE_PARTY",
    "PAGE",
    "SYSTEM",
    "TAXPAYER_PARTY",
    "TWO_FACTORS",
    "Catalogue",
    "Duty",
    "Function",
    "FunctionSet",
    "Post",
    "SegregationRule",
    "catalogue_on",
    "changed_before",
    "changes_after",
    "function_paths",
    "read_catalogue",
    "refuse_unknown",
]

"""Reading the catalogue: the function tree, sets, duties and posts of a day."""

from datetime import date

from goldentax.authority import errors
from goldentax.authority.rules import catalogue as catalogues
from goldentax.authority.rules.catalogue import TWO_FACTORS, Catalogue, Function, Post


def get_catalogue(*, on: date) -> Catalogue:
    """
    The whole catalogue of a day, checked.

    :raises errors.BrokenCatalogue: if the lawbook contradicts itself.
    """
    return catalogues.catalogue_on(on)


def known_functions(*, on: date) -> frozenset[str]:
    """The codes of every function that may be granted on a day; headings are not among them."""
    return catalogues.catalogue_on(on).grantable


def get_function(*, code: str, on: date) -> Function:
    """
    One function or heading.

    :raises errors.UnknownFunction: if there is none that day.
    """
    found = catalogues.catalogue_on(on).functions.get(code)
    if found is None:
        raise errors.UnknownFunction("function", function=code[:80])
    return found


def assurance_needed(*, function: str, on: date) -> int:
    """The level of assurance a function asks for; 1 for a function that asks for none, or is unknown."""
    catalogue = catalogues.catalogue_on(on)
    if function not in catalogue.functions:
        return 1
    levels = [
        int(one.values[0])
        for one in catalogue.conditions_of(function)
        if one.attribute == "assurance" and one.operator == "at_least"
    ]
    return max([1, *levels])


def sensitive_functions(*, on: date) -> frozenset[str]:
    """The functions that ask for two factors."""
    catalogue = catalogues.catalogue_on(on)
    return frozenset(
        code for code in catalogue.grantable if assurance_needed(function=code, on=on) >= TWO_FACTORS
    )


def list_posts(*, on: date, level: str = "") -> tuple[Post, ...]:
    """The posts of a day in the order of the lawbook; those of one level of offices if asked."""
    return tuple(
        one for one in catalogues.catalogue_on(on).posts.values() if not level or level in one.levels
    )


def find_post(*, code: str, on: date) -> Post | None:
    """One post, or None."""
    return catalogues.catalogue_on(on).posts.get(code)


def duty_functions(*, duty: str, on: date) -> frozenset[str]:
    """The functions that a duty carries; none for a duty nobody defined."""
    catalogue = catalogues.catalogue_on(on)
    return catalogue.functions_in(catalogue.sets_of(via="duty", code=duty))


def post_functions(*, post: str, on: date) -> frozenset[str]:
    """The functions that a post carries; none for a post nobody defined."""
    catalogue = catalogues.catalogue_on(on)
    return catalogue.functions_in(catalogue.sets_of(via="post", code=post))

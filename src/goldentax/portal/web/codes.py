"""Public lookup in the code tables: goods and services, divisions, industries and every other table of the node."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from goldentax.kernel import access, clock
from goldentax.kernel.codes import api as codes
from goldentax.kernel.language import language_of
from goldentax.kernel.text import Text

SHOWN_AT_ONCE = 50
"""A screen or two of codes; more words find fewer."""


@access.open_to(access.PUBLIC)
@require_safe
def look_up(request: HttpRequest) -> HttpResponse:
    """Find codes of one table by number, word or pinyin, or walk down from the top."""
    table = codes.get_table(table=request.GET.get("table", "") or codes.TAX_CLASSIFICATION)
    text = request.GET.get("q", "").strip()
    cursor = request.GET.get("cursor", "")
    on = clock.today()
    if text:
        page = codes.search_page(
            table=table.name, text=text, on=on, leaves_only=False, limit=SHOWN_AT_ONCE, cursor=cursor
        )
        found, next_cursor = page.codes, page.cursor
        if not found and not cursor:
            found = codes.search_codes(
                table=table.name, text=text, on=on, leaves_only=False, limit=SHOWN_AT_ONCE
            )
    else:
        found, next_cursor = codes.list_children(table=table.name, parent="", on=on), ""
    return render(
        request,
        "portal/codes.html",
        _of_table(request, table)
        | {"text": text, "found": found, "next_url": _next_url(request, next_cursor), "on": on},
    )


@access.open_to(access.PUBLIC)
@require_safe
def show(request: HttpRequest, table: str, code: str) -> HttpResponse:
    """One code: what it says, what stands above and below it, and since when."""
    on = clock.today()
    found = codes.get_code(table=table, code=code, on=on)
    return render(
        request,
        "portal/code.html",
        _of_table(request, codes.get_table(table=table))
        | {
            "code": found,
            "facts": [(name, value) for name, value in found.attributes.items() if value not in ("", None)],
            "ancestors": codes.list_ancestors(table=table, code=code, on=on),
            "children": codes.list_children(table=table, parent=code, on=on),
            "versions": codes.list_versions(table=table, code=code),
        },
    )


def _of_table(request: HttpRequest, table: codes.Table) -> dict[str, Any]:
    language = language_of(request)
    tables = [
        (one.name, Text(one.label_zh, one.label_en).in_language(language)) for one in codes.list_tables()
    ]
    return {
        "table": table,
        "table_label": Text(table.label_zh, table.label_en).in_language(language),
        "tables": sorted(tables, key=lambda one: (one[0] != codes.TAX_CLASSIFICATION, one[1])),
    }


def _next_url(request: HttpRequest, cursor: str) -> str:
    if not cursor:
        return ""
    query = request.GET.copy()
    query["cursor"] = cursor
    return f"?{query.urlencode()}"

"""Code tables over HTTP: read only, open to everyone, mounted below ``/api/v1``."""

from datetime import date
from typing import Any

from django.http import HttpRequest
from ninja import Query, Router, Schema

from goldentax.kernel import access, clock
from goldentax.kernel.codes import api as codes

router = Router()


class TableOut(Schema):
    """A code table (代码表)."""

    name: str
    label_zh: str
    label_en: str
    source: str
    is_built_in: bool
    version: int
    code_count: int
    imported_at: str


class CodeOut(Schema):
    """A code in the version of a day; ``valid_to`` is the first day it is not valid any more."""

    table: str
    code: str
    name: str
    short_name: str
    parent: str
    level: int
    is_leaf: bool
    description: str
    attributes: dict[str, Any]
    valid_from: date
    valid_to: date | None
    version: int


class CodePage(Schema):
    """Some codes; ask again with the cursor for the next, until it is empty."""

    codes: list[CodeOut]
    cursor: str


class CodeDetail(CodeOut):
    """One code with what stands above it, the top first."""

    ancestors: list[CodeOut]


@router.get("/codes", response=list[TableOut], summary="List the code tables")
@access.open_to(access.PUBLIC)
def list_tables(request: HttpRequest) -> list[codes.Table]:
    """Every code table of this node."""
    return codes.list_tables()


@router.get("/codes/{table}", response=CodePage, summary="List or search the codes of a table")
@access.open_to(access.PUBLIC)
def list_codes(
    request: HttpRequest,
    table: str,
    q: str = Query("", max_length=200, description="Code prefix, words, pinyin or initials"),
    on: date | None = None,
    leaves_only: bool = Query(False, description="Only codes that can be used"),
    cursor: str = Query("", max_length=400),
    limit: int = Query(50, ge=1, le=200),
) -> codes.Page:
    """
    Without ``q`` all codes in their order; with it, the best matches first. Without ``on``, as they are
    today.
    """
    codes.get_table(table=table)
    day = on or clock.today()
    if q.strip():
        return codes.search_page(
            table=table, text=q, on=day, leaves_only=leaves_only, limit=limit, cursor=cursor
        )
    return codes.list_codes(table=table, on=day, cursor=cursor, limit=limit, leaves_only=leaves_only)


@router.get("/codes/{table}/{path:code}", response=CodeDetail, summary="One code")
@access.open_to(access.PUBLIC)
def get_code(request: HttpRequest, table: str, code: str, on: date | None = None) -> dict[str, Any]:
    """The code as it is on a day, with the codes above it."""
    day = on or clock.today()
    found = codes.get_code(table=table, code=code, on=day)
    fields = {name: getattr(found, name) for name in CodeOut.model_fields}
    return fields | {"ancestors": codes.list_ancestors(table=table, code=code, on=day)}

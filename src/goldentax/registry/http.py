"""
The register over HTTP: one's own registration, what is public of others, one's own catalogues.

Writes carry a ``request_id``; the same id with the same content gets the first answer back.
"""

import uuid
from collections.abc import Callable
from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Router, Schema, Status
from ninja.params import functions
from pydantic import ConfigDict, Field

from goldentax.kernel import access, clock
from goldentax.kernel.language import language_of
from goldentax.registry import api as registry

router = Router()

_READ = "invoices:read"
_WRITE = "invoices:write"
_LIMIT_MAX = 200


def _operation(
    method: str, path: str, *roles: str, response: Any, scope: str = ""
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Add an operation with its door."""

    def declare(view: Callable[..., Any]) -> Callable[..., Any]:
        guarded = access.open_to(*roles, scope=scope)(view)
        added: Callable[..., Any] = router.api_operation([method], path, response=response)(guarded)
        return added

    return declare


class _Input(Schema):
    model_config = ConfigDict(extra="forbid")


class CustomerInput(_Input):
    """A customer of one's own list (客户信息)."""

    request_id: str = Field(max_length=64)
    name: str = Field(max_length=200)
    tax_id: str = Field("", max_length=40)
    address: str = Field("", max_length=200)
    phone: str = Field("", max_length=30)
    bank_name: str = Field("", max_length=120)
    bank_account: str = Field("", max_length=40)
    is_person: bool = False
    is_favourite: bool = False

    def entry(self) -> registry.CustomerEntry:
        return registry.CustomerEntry(**self.dict(exclude={"request_id"}))


class GoodInput(_Input):
    """Goods or a service of one's own list (项目信息)."""

    request_id: str = Field(max_length=64)
    name: str = Field(max_length=100)
    tax_code: str = Field(max_length=19, description="商品和服务税收分类编码, 19 digits, lowest level")
    rate: str = Field(max_length=10, description="ratio, such as 0.13")
    specification: str = Field("", max_length=40)
    unit: str = Field("", max_length=22)
    unit_price: str = Field("", max_length=30, description="yuan with up to 13 decimals, or nothing")
    preference: str = Field("", max_length=2)
    price_includes_tax: bool = False

    def entry(self) -> registry.GoodEntry:
        return registry.GoodEntry(**self.dict(exclude={"request_id"}))


class CustomerOutput(Schema):
    public_id: uuid.UUID
    name: str
    tax_id: str
    address: str
    phone: str
    bank_name: str
    bank_account: str
    is_person: bool
    is_favourite: bool


class GoodOutput(Schema):
    public_id: uuid.UUID
    name: str
    tax_code: str
    short_name: str
    specification: str
    unit: str
    unit_price: str
    rate: str
    preference: str
    price_includes_tax: bool


class CustomerPage(Schema):
    items: list[CustomerOutput]
    next_cursor: str


class GoodPage(Schema):
    items: list[GoodOutput]
    next_cursor: str


class PublicTaxpayerOutput(Schema):
    tax_id: str
    name: str
    status: str
    status_name: str


class TaxKindOutput(Schema):
    tax: str
    filing_period: str
    valid_from: str
    valid_to: str | None


class TaxpayerOutput(PublicTaxpayerOutput):
    public_id: uuid.UUID
    kind: str
    kind_name: str
    economic_type: str
    office_code: str
    office_name: str
    industry_code: str
    industry_name: str
    address: str
    phone: str
    bank_name: str
    bank_account: str
    representative: str
    registered_date: str
    is_test: bool
    tax_kinds: list[TaxKindOutput]


class Removed(Schema):
    public_id: uuid.UUID


@_operation("GET", "/taxpayers/me", access.TAXPAYER, scope=_READ, response=TaxpayerOutput)
def get_own_taxpayer(request: HttpRequest) -> Any:
    """Show the registration of the taxpayer acted for, whole."""
    return _whole(request, registry.get_taxpayer(tax_id=access.actor_of(request).taxpayer_id))


@_operation(
    "GET",
    "/taxpayers/{tax_id}",
    access.PERSON,
    access.TAXPAYER,
    access.OFFICER,
    scope=_READ,
    response=TaxpayerOutput | PublicTaxpayerOutput,
)
def get_taxpayer(request: HttpRequest, tax_id: str) -> Any:
    """Show a taxpayer: whole to itself, otherwise identifier, name and state only."""
    found = registry.get_taxpayer(tax_id=tax_id)
    if found.tax_id == access.actor_of(request).taxpayer_id:
        return _whole(request, found)
    return _public(request, found)


@_operation(
    "GET",
    "/taxpayers",
    access.PERSON,
    access.TAXPAYER,
    access.OFFICER,
    scope=_READ,
    response=list[PublicTaxpayerOutput],
)
def search_taxpayers(
    request: HttpRequest,
    q: Annotated[str, functions.Query(max_length=100)] = "",
    limit: Annotated[int, functions.Query(ge=1, le=50)] = 20,
) -> Any:
    """Search taxpayers by name, start of the identifier, or pinyin initials; people are never listed."""
    return [_public(request, one) for one in registry.search_taxpayers(text=q, limit=limit)]


@_operation("GET", "/customers", access.TAXPAYER, scope=_READ, response=CustomerPage)
def list_customers(
    request: HttpRequest,
    q: Annotated[str, functions.Query(max_length=100)] = "",
    cursor: Annotated[str, functions.Query(max_length=60)] = "",
    limit: Annotated[int, functions.Query(ge=1, le=_LIMIT_MAX)] = 50,
) -> Any:
    """List one's own customers (客户信息), a page at a time."""
    owner = access.actor_of(request).taxpayer_id
    return registry.list_customers(owner_tax_id=owner, text=q, cursor=cursor, limit=limit)


@_operation("POST", "/customers", access.ISSUER, scope=_WRITE, response={201: CustomerOutput})
def add_customer(request: HttpRequest, data: CustomerInput) -> Any:
    """Add a customer to one's own list."""
    return Status(201, _save_customer(request, data, None))


@_operation("GET", "/customers/{public_id}", access.TAXPAYER, scope=_READ, response=CustomerOutput)
def get_customer(request: HttpRequest, public_id: uuid.UUID) -> Any:
    """Show one of one's own customers."""
    return registry.get_customer(owner_tax_id=access.actor_of(request).taxpayer_id, public_id=public_id)


@_operation("PUT", "/customers/{public_id}", access.ISSUER, scope=_WRITE, response=CustomerOutput)
def change_customer(request: HttpRequest, public_id: uuid.UUID, data: CustomerInput) -> Any:
    """Change one of one's own customers."""
    return _save_customer(request, data, public_id)


@_operation("DELETE", "/customers/{public_id}", access.ISSUER, scope=_WRITE, response=Removed)
def remove_customer(
    request: HttpRequest, public_id: uuid.UUID, request_id: Annotated[str, functions.Query(max_length=64)]
) -> Any:
    """Take a customer off one's own list; invoices keep their copy."""
    actor = access.actor_of(request)
    registry.remove_customer(
        owner_tax_id=actor.taxpayer_id,
        public_id=public_id,
        actor=actor.label,
        request_id=request_id,
        now=clock.now(),
    )
    return {"public_id": public_id}


@_operation("GET", "/goods", access.TAXPAYER, scope=_READ, response=GoodPage)
def list_goods(
    request: HttpRequest,
    q: Annotated[str, functions.Query(max_length=100)] = "",
    cursor: Annotated[str, functions.Query(max_length=60)] = "",
    limit: Annotated[int, functions.Query(ge=1, le=_LIMIT_MAX)] = 50,
) -> Any:
    """List one's own goods and services (项目信息), a page at a time."""
    owner = access.actor_of(request).taxpayer_id
    return registry.list_goods(owner_tax_id=owner, text=q, cursor=cursor, limit=limit)


@_operation("POST", "/goods", access.ISSUER, scope=_WRITE, response={201: GoodOutput})
def add_good(request: HttpRequest, data: GoodInput) -> Any:
    """Add goods or a service to one's own list."""
    return Status(201, _save_good(request, data, None))


@_operation("GET", "/goods/{public_id}", access.TAXPAYER, scope=_READ, response=GoodOutput)
def get_good(request: HttpRequest, public_id: uuid.UUID) -> Any:
    """Show one of one's own goods and services."""
    return registry.get_good(owner_tax_id=access.actor_of(request).taxpayer_id, public_id=public_id)


@_operation("PUT", "/goods/{public_id}", access.ISSUER, scope=_WRITE, response=GoodOutput)
def change_good(request: HttpRequest, public_id: uuid.UUID, data: GoodInput) -> Any:
    """Change one of one's own goods and services."""
    return _save_good(request, data, public_id)


@_operation("DELETE", "/goods/{public_id}", access.ISSUER, scope=_WRITE, response=Removed)
def remove_good(
    request: HttpRequest, public_id: uuid.UUID, request_id: Annotated[str, functions.Query(max_length=64)]
) -> Any:
    """Take an item off one's own list; invoices keep their copy."""
    actor = access.actor_of(request)
    registry.remove_good(
        owner_tax_id=actor.taxpayer_id,
        public_id=public_id,
        actor=actor.label,
        request_id=request_id,
        now=clock.now(),
    )
    return {"public_id": public_id}


def _save_customer(
    request: HttpRequest, data: CustomerInput, public_id: uuid.UUID | None
) -> registry.CustomerView:
    actor = access.actor_of(request)
    return registry.save_customer(
        owner_tax_id=actor.taxpayer_id,
        entry=data.entry(),
        public_id=public_id,
        actor=actor.label,
        request_id=data.request_id,
        now=clock.now(),
    )


def _save_good(request: HttpRequest, data: GoodInput, public_id: uuid.UUID | None) -> registry.GoodView:
    actor = access.actor_of(request)
    return registry.save_good(
        owner_tax_id=actor.taxpayer_id,
        entry=data.entry(),
        public_id=public_id,
        actor=actor.label,
        request_id=data.request_id,
        now=clock.now(),
    )


def _public(request: HttpRequest, taxpayer: registry.TaxpayerView) -> dict[str, Any]:
    part = registry.public_part(taxpayer)
    return {
        "tax_id": part.tax_id,
        "name": part.name,
        "status": part.status,
        "status_name": part.status_name.in_language(language_of(request)),
    }


def _whole(request: HttpRequest, taxpayer: registry.TaxpayerView) -> dict[str, Any]:
    language = language_of(request)
    return {
        "public_id": taxpayer.public_id,
        "tax_id": taxpayer.tax_id,
        "name": taxpayer.name,
        "status": taxpayer.status,
        "status_name": taxpayer.status_name.in_language(language),
        "kind": taxpayer.kind,
        "kind_name": taxpayer.kind_name.in_language(language),
        "economic_type": taxpayer.economic_type,
        "office_code": taxpayer.office_code,
        "office_name": taxpayer.office_name,
        "industry_code": taxpayer.industry_code,
        "industry_name": taxpayer.industry_name,
        "address": taxpayer.address,
        "phone": taxpayer.phone,
        "bank_name": taxpayer.bank_name,
        "bank_account": taxpayer.bank_account,
        "representative": taxpayer.representative,
        "registered_date": taxpayer.registered_date.isoformat(),
        "is_test": taxpayer.is_test,
        "tax_kinds": [
            {
                "tax": one.tax,
                "filing_period": one.filing_period,
                "valid_from": one.valid_from.isoformat(),
                "valid_to": one.valid_to.isoformat() if one.valid_to else None,
            }
            for one in registry.list_tax_kinds(tax_id=taxpayer.tax_id)
        ],
    }

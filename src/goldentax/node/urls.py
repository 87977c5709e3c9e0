"""
Every address of a node: the pages and API routers that the modules registered, and the health endpoints.

The API document is built from the routers. An operation or page that does not say who may use it keeps the node
from starting.
"""

from django.core.exceptions import ImproperlyConfigured
from django.http import HttpRequest, HttpResponse
from django.urls import include, path
from ninja import NinjaAPI

import goldentax
from goldentax.kernel import access, registry
from goldentax.node import api_document, errors, health

handler400 = "goldentax.node.errors.bad_request"
handler404 = "goldentax.node.errors.not_found"
handler500 = "goldentax.node.errors.broken"


api = NinjaAPI(
    title="Golden Tax 金税",
    version=goldentax.__version__,
    description="E-invoices, taxpayers and code tables of one node. Refusals are problem details (RFC 9457).",
    docs_url=None,
    openapi_url=None,
    urls_namespace="api",
)
for module, router in sorted(registry.routers.items()):
    if router is not None:
        api.add_router("/", router, tags=[module])


@api.exception_handler(Exception)
def _answer_exception(request: HttpRequest, error: Exception | type[Exception]) -> HttpResponse:
    assert isinstance(error, Exception), error
    refusal = errors.refusal_of(error) or api_document.refusal_of_input(error)
    return errors.answer(request, refusal) if refusal else errors.apology(request, error)


for _type in api_document.INPUT_ERRORS:
    api.add_exception_handler(_type, _answer_exception)


def undeclared_operations() -> list[str]:
    """API operations that do not say who may use them, for the start and for the house test."""
    return [
        f"{method} /api/v1{operation.path}"
        for operation, method in api_document.operations(api)
        if getattr(operation.view_func, "access", None) is None
    ]


if undeclared_operations():
    raise ImproperlyConfigured(f"no access.open_to on: {', '.join(undeclared_operations())}")

for _operation, _ in api_document.operations(api):
    # Who asks is settled before what they ask is read: ninja runs these first, and parameters afterwards.
    _operation.auth_callbacks = [access.doorkeeper(_operation.view_func)]

urlpatterns = [
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("api/openapi.json", api_document.openapi(api), name="openapi"),
    path("api/v1/", api.urls),
]
for label, patterns in sorted(registry.page_patterns.items()):
    urlpatterns.append(path("", include((patterns, label))))

"""
The OpenAPI document at /api/openapi.json, and what unreadable API input is called.

Path and query parameters are read by ninja; the bodies of business requests are msgspec structs of the rules, whose
JSON schemas the operations put in themselves. One place adds what is true of all: bearer tokens and refusals.
"""

from collections.abc import Callable, Iterator
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from ninja import NinjaAPI
from ninja.errors import HttpError, ValidationError
from ninja.operation import Operation

from goldentax.kernel import access
from goldentax.kernel.refusals import Refusal, Refusals
from goldentax.kernel.text import Text
from goldentax.node.errors import NotFound

INPUT_ERRORS = (ValidationError, HttpError, Refusal, UnicodeError)

_PROBLEM = {
    "type": "object",
    "required": ["type", "title", "status", "code"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "code": {"type": "string", "description": "The refusal's code; docs/refusals.md lists them all."},
        "field": {"type": "string"},
        "rule": {"type": "string"},
        "way_out": {"type": "string"},
        "errors": {"type": "array", "items": {"type": "object"}},
    },
}


class BadParameter(Refusal):
    """A path or query parameter is not what the operation takes."""

    code = "NOD-API-01"
    title = Text("参数 {name} 无效：{reason}", "The parameter {name} is not valid: {reason}")
    way_out = Text("请按接口文档 /api/openapi.json 填写", "Fill it in as /api/openapi.json describes")


def refusal_of_input(error: Exception) -> Refusal | None:
    """Translate what ninja says of unreadable input; None for a bug."""
    if isinstance(error, ValidationError):
        bad = [
            BadParameter(str(one["loc"][-1]), name=one["loc"][-1], reason=one["msg"]) for one in error.errors
        ]
        return bad[0] if len(bad) == 1 else Refusals(bad)
    if isinstance(error, HttpError):
        if error.status_code == 404:
            return NotFound()
        return BadParameter("body", name="body", reason=str(error.message))
    return None


def operations(api: NinjaAPI) -> Iterator[tuple[Operation, str]]:
    """Every operation of the API with its HTTP method."""
    for _, router in api._routers:
        for path_view in router.path_operations.values():
            for operation in path_view.operations:
                for method in operation.methods:
                    yield operation, method


def document(api: NinjaAPI) -> dict[str, Any]:
    """Build the whole OpenAPI document."""
    described: dict[str, Any] = dict(api.get_openapi_schema(path_prefix="/api/v1/"))
    components = described.setdefault("components", {})
    components.setdefault("schemas", {})["Problem"] = _PROBLEM
    components["securitySchemes"] = {"bearer": {"type": "http", "scheme": "bearer"}}
    roles = {(m, _open_path(o)): getattr(o.view_func, "access", ()) for o, m in operations(api)}
    for route, methods in described["paths"].items():
        for method, operation in methods.items():
            _complete(operation, roles.get((method.upper(), route.rstrip("/")), ()))
    for name, schema in list(components["schemas"].items()):
        _hoist(components["schemas"], name, schema)
    return described


def openapi(api: NinjaAPI) -> Callable[[HttpRequest], HttpResponse]:
    """The page that serves the document, built once."""
    built: dict[str, Any] = {}

    @access.open_to(access.PUBLIC)
    def serve(request: HttpRequest) -> HttpResponse:
        if not built:
            built.update(document(api))
        return JsonResponse(built)

    return serve


def _open_path(operation: Operation) -> str:
    return ("/api/v1/" + operation.path.lstrip("/")).rstrip("/")


def _complete(operation: dict[str, Any], roles: tuple[str, ...]) -> None:
    problem = {
        "description": "A coded refusal",
        "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }
    operation.setdefault("responses", {})["4XX"] = problem
    operation["responses"]["503"] = problem
    if access.PUBLIC not in roles:
        operation["security"] = [{"bearer": []}]


def _hoist(schemas: dict[str, Any], name: str, schema: Any) -> None:
    """Lift msgspec's nested definitions to the components, where its references point."""
    for inner, definition in schema.pop("$defs", {}).items() if isinstance(schema, dict) else ():
        schemas.setdefault(inner, definition)

"""Liveness and readiness over HTTP: /healthz answers while the process lives, /readyz while it can do its work."""

from django.http import HttpRequest, HttpResponse, JsonResponse

from goldentax.kernel import access, registry
from goldentax.kernel.node import this_node


@access.open_to(access.PUBLIC)
def healthz(request: HttpRequest) -> HttpResponse:
    """Say that the process answers."""
    return JsonResponse({"alive": True, "node": this_node().code})


@access.open_to(access.PUBLIC)
def readyz(request: HttpRequest) -> HttpResponse:
    """Run every probe; 200 when all that is needed is well, 503 with the reasons otherwise."""
    found = {probe.key: (probe, probe.check()) for probe in registry.probes()}
    ready = all(not wrong for probe, wrong in found.values() if probe.needed)
    return JsonResponse(
        {
            "ready": ready,
            "node": this_node().code,
            "level": this_node().level,
            "checks": {key: wrong or "ok" for key, (_, wrong) in found.items()},
        },
        status=200 if ready else 503,
    )

"""The one shape of a module: a Django app whose files are found by their names."""

from importlib import import_module
from importlib.util import find_spec

from django.apps import AppConfig

from goldentax.kernel import registry

_FOUND_BY_NAME = ("handlers", "jobs", "web.urls", "http", "commands", "offers")


class ModuleConfig(AppConfig):
    """
    A business module.

    On start it imports those of ``handlers``, ``jobs``, ``web.urls`` (``urlpatterns``), ``http`` (``router``),
    ``commands`` (``group``) and ``offers`` that exist, and registers what they hold. A broken import inside one
    of them fails loudly: only a file that is not there is passed over.
    """

    default_auto_field = "django.db.models.BigAutoField"
    # Django takes the one config of an ``apps`` file; this base, imported there, must not count as another.
    default = False

    def __init_subclass__(cls, **kwargs: object) -> None:
        super().__init_subclass__(**kwargs)
        cls.default = True

    def ready(self) -> None:
        for name in _FOUND_BY_NAME:
            path = f"{self.name}.{name}"
            parent = path.rpartition(".")[0]
            if find_spec(parent) is None or find_spec(path) is None:
                continue
            self._register(name, import_module(path))

    def _register(self, name: str, found: object) -> None:
        if name == "web.urls":
            registry.page_patterns[self.label] = getattr(found, "urlpatterns", [])
        elif name == "http":
            registry.routers[self.label] = getattr(found, "router", None)
        elif name == "commands":
            group = getattr(found, "group", None)
            assert group is not None and group.name, f"{self.name}.commands has no click group"
            registry.commands[group.name] = group
            registry.commands.update({one.name: one for one in getattr(found, "more", ()) if one.name})

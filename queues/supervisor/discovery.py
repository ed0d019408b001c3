"""Finds the modules that declare actors, as django_dramatiq does."""

import importlib
import pkgutil
from types import ModuleType

from django.apps import apps
from django.conf import settings
from django.utils.module_loading import module_has_submodule

#: Imported first: sets Django up.
SETUP = "django_dramatiq.setup"


def task_modules() -> tuple[list[str], list[str]]:
    """Names of the modules that a worker imports, ``django_dramatiq.setup`` first, and of those that are ignored.

    ``DRAMATIQ_AUTODISCOVER_MODULES`` names the modules looked for in every app (packages are walked),
    ``DRAMATIQ_IGNORED_MODULES`` those left out (``package.*``: all below it).
    """
    names = tuple(getattr(settings, "DRAMATIQ_AUTODISCOVER_MODULES", ("tasks",)))
    found = [SETUP]
    for app in apps.get_app_configs():
        if app.name == "django_dramatiq":
            found.append("django_dramatiq.tasks")
            continue
        for name in names:
            if app.module is not None and module_has_submodule(app.module, name):
                found += _with_submodules(importlib.import_module(f"{app.name}.{name}"))
    ignored = set(getattr(settings, "DRAMATIQ_IGNORED_MODULES", ()))
    kept = [module for module in found if not _is_ignored(module, ignored)]
    return kept, [module for module in found if module not in kept]


def _with_submodules(module: ModuleType) -> list[str]:
    path = getattr(module, "__path__", None)
    if path is None:
        return [module.__name__]
    return [name for _, name, _ in pkgutil.walk_packages(path, f"{module.__name__}.")]


def _is_ignored(module: str, ignored: set[str]) -> bool:
    parts = module.split(".")
    above = {".".join(parts[:count]) + ".*" for count in range(1, len(parts))}
    return module in ignored or bool(above & ignored)

"""Which modules workers import."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.apps import apps
from django.test import override_settings

from queues.supervisor.discovery import SETUP, task_modules


@pytest.fixture
def packages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """An app whose actors are a package, and one whose are a module."""
    for name, files in {"shipping": ["actors/__init__", "actors/road", "actors/sea"], "billing": ["actors"]}.items():
        for file in ["__init__", *files]:
            path = tmp_path / name / f"{file}.py"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.touch()
    monkeypatch.syspath_prepend(str(tmp_path))
    with override_settings(INSTALLED_APPS=["shipping", "billing", "django_dramatiq"], DRAMATIQ_IGNORED_MODULES=[]):
        yield
    apps.clear_cache()
    for module in [name for name in sys.modules if name.split(".")[0] in ("shipping", "billing")]:
        del sys.modules[module]


def test_modules_are_found_packages_are_walked_and_the_ignored_left_out(packages: None) -> None:
    found, ignored = task_modules()
    assert found == [SETUP, "shipping.actors.road", "shipping.actors.sea", "billing.actors", "django_dramatiq.tasks"]
    assert ignored == []
    with override_settings(DRAMATIQ_IGNORED_MODULES=["shipping.actors.*", "django_dramatiq.tasks"]):
        found, ignored = task_modules()
    assert found == [SETUP, "billing.actors"]
    assert ignored == ["shipping.actors.road", "shipping.actors.sea", "django_dramatiq.tasks"]


def test_the_project_imports_the_clinics_actors_and_not_django_dramatiqs_own() -> None:
    found, ignored = task_modules()
    assert found[0] == SETUP
    assert "engagement.actors" in found
    assert ignored == ["django_dramatiq.tasks"]

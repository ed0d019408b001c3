"""`manage.py services` shows and stops the servers, and starts none by being asked."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from settings.embedded import client

CHECKOUT = Path(__file__).resolve().parent.parent.parent


@pytest.fixture
def local_dir(tmp_path: Path) -> Iterator[Path]:
    """Give a local folder of the test's own; its servers are stopped afterwards."""
    yield tmp_path / "local"
    client.release(tmp_path / "local")
    client.stop(tmp_path / "local")


def _manage(folder: Path, *arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=CHECKOUT,
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "settings.development", "LOCAL_DIR": str(folder)},
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    return done.stdout


def test_asking_for_the_status_starts_nothing(local_dir: Path) -> None:
    assert "Nothing runs" in _manage(local_dir, "services", "status")
    assert "Nothing was running." in _manage(local_dir, "services", "stop")
    assert client.running(local_dir) is None
    assert not local_dir.exists()


def test_any_other_command_starts_what_it_needs(local_dir: Path) -> None:
    program = "from django.db import connection as c; c.ensure_connection(); print(42)"

    shown = _manage(local_dir, "shell", "--no-imports", "-c", program)

    assert shown.strip().endswith("42")
    assert client.running(local_dir) is not None


def test_it_shows_what_runs_and_stops_it(local_dir: Path) -> None:
    # Given running servers
    assert "They stop by themselves" in _manage(local_dir, "services", "start")

    # When asked, then it shows them
    services = client.attach(local_dir)
    shown = _manage(local_dir, "services", "status")
    assert services.database_url in shown
    assert services.redis_url in shown
    assert f"pid {services.keeper.pid}" in shown

    # And stops them, used as they are
    assert "Stopped." in _manage(local_dir, "services", "stop")
    assert client.running(local_dir) is None

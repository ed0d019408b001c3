"""Production starts only when it is told everything, and never half safe."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parent.parent.parent
GOOD = {
    "SECRET_KEY": "k3Jx9-vQ2mZ7_wT5rB8nL1pY4cG6hD0sF-aE3uI9oK2jM7qX5z",
    "ALLOWED_HOSTS": "clinic.example",
    "DATABASE_URL": "postgresql://app:secret@db.example/clinic",
    "REDIS_URL": "rediss://cache.example:6380/0",
}


def _start(**variables: str) -> subprocess.CompletedProcess[str]:
    """Load the production settings in a process of its own and print what matters."""
    program = "from settings import production as p; print(p.DEBUG, p.DATABASES['default']['HOST'], p.INSTALLED_APPS)"
    return subprocess.run(
        [sys.executable, "-c", program],
        cwd=CHECKOUT,
        env={"PATH": os.environ["PATH"], **{name: value for name, value in variables.items() if value}},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def test_it_starts_when_everything_is_configured() -> None:
    started = _start(**GOOD)

    assert started.returncode == 0, started.stderr
    assert started.stdout.startswith("False db.example")
    assert "embedded" not in started.stdout


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("SECRET_KEY", "", "SECRET_KEY must be a random text"),
        ("SECRET_KEY", "short", "50 characters or more"),
        ("SECRET_KEY", "a" * 80, "50 characters or more"),
        ("SECRET_KEY", "development-only-" + GOOD["SECRET_KEY"], "nobody else's"),
        ("SECRET_KEY", "django-insecure-" + GOOD["SECRET_KEY"], "nobody else's"),
        ("DEBUG", "true", "DEBUG must be off in production"),
        ("ALLOWED_HOSTS", "", "ALLOWED_HOSTS must be the site's host names"),
        ("ALLOWED_HOSTS", "*", "ALLOWED_HOSTS must be the site's host names"),
        ("DATABASE_URL", "", "no embedded PostgreSQL"),
        ("REDIS_URL", "", "no embedded server"),
    ],
)
def test_it_refuses_what_is_missing_or_unsafe(name: str, value: str, said: str) -> None:
    started = _start(**{**GOOD, name: value})

    assert started.returncode != 0
    assert f"Environment variable {name} must be" in started.stderr
    assert said in started.stderr


def test_a_refusal_does_not_repeat_the_secret() -> None:
    started = _start(**{**GOOD, "SECRET_KEY": "hunter2-hunter2"})

    assert started.returncode != 0
    assert "hunter2" not in started.stderr.splitlines()[-1]


def test_the_seeds_variables_of_redis_are_enough() -> None:
    started = _start(**{**GOOD, "REDIS_URL": "", "REDIS_HOST": "cache.example", "REDIS_PASSWORD": "secret"})

    assert started.returncode == 0, started.stderr

"""Servers, databases and guards that every test relies on."""

import contextlib
import os
import signal
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import psycopg
import pytest
import redis
from django.conf import settings
from django.db import connection
from hypothesis import settings as hypothesis_settings

from settings.embedded import client
from settings.embedded.places import Services

# Playwright keeps an event loop running in the test's thread, which Django takes for asynchronous code.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "1")

# Seeds are printed, a failing example is replayed by the line that Hypothesis adds to its report.
hypothesis_settings.register_profile("tests", print_blob=True, deadline=None)
hypothesis_settings.load_profile("tests")


def pytest_report_header(config: pytest.Config) -> list[str]:
    """Say where the tests run, and how to repeat their random choices."""
    database = settings.DATABASES["default"]
    seed = config.getoption("--hypothesis-seed", default=None)
    return [
        f"servers: postgres {database['HOST']}:{database['PORT']} redis {settings.QUEUES.redis_url.rpartition('@')[2]}",
        f"hypothesis seed: {seed if seed is not None else 'random, printed with a failure'}",
    ]


def pytest_sessionstart(session: pytest.Session) -> None:
    """Fail, rather than skip, when a server does not answer: a test that was not run has shown nothing."""
    if session.config.option.collectonly:
        return
    try:
        with psycopg.connect(_database_url(settings.DATABASES["default"]["NAME"]), connect_timeout=5):
            pass
        with redis.Redis.from_url(settings.QUEUES.redis_url, socket_timeout=5) as client:
            client.ping()
            client.flushdb()
    except (psycopg.OperationalError, redis.RedisError) as error:
        pytest.exit(f"The tests need PostgreSQL and Redis: {type(error).__name__}: {error}", returncode=3)


@pytest.fixture
def redis_url() -> Iterator[str]:
    """Return the URL of a Redis database of this test process's own, emptied before and after."""
    url: str = settings.QUEUES.redis_url
    with redis.Redis.from_url(url) as client:
        client.flushdb()
        yield url
        client.flushdb()


@pytest.fixture
def process_environment(transactional_db: None, redis_url: str) -> dict[str, str]:
    """Return the environment for a real process (worker, scheduler) that shares this test's database and Redis."""
    return {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "settings.test",
        "DATABASE_URL": _database_url(connection.settings_dict["NAME"]),
        "REDIS_URL": redis_url,
        "QUEUE_KEY_PREFIX": settings.QUEUES.key_prefix,
        "PYTHONPATH": str(Path(__file__).resolve().parent.parent),
    }


@pytest.fixture
def own_servers(tmp_path: Path) -> Iterator[Services]:
    """Return a PostgreSQL and a Valkey of this test's own, to be stopped, frozen, emptied or filled up.

    Their keeper starts again within 0.3 s what is killed; stop the keeper itself (SIGSTOP) to keep a server down,
    and let it go on (SIGCONT) to bring the server back at the same address.
    """
    folder = tmp_path / "servers"
    services = client.attach(folder)
    yield services
    for process in (services.keeper, services.valkey, services.postgres):
        with contextlib.suppress(ProcessLookupError):
            os.kill(process.pid, signal.SIGCONT)
    client.release(folder)
    client.stop(folder)


def _database_url(name: str) -> str:
    database = settings.DATABASES["default"]
    login = f"{quote(database['USER'], safe='')}:{quote(database['PASSWORD'], safe='')}"
    port = f":{database['PORT']}" if database["PORT"] else ""
    return f"postgresql://{login}@{quote(database['HOST'], safe='')}{port}/{quote(name, safe='')}"

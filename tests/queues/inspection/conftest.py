"""A declared queue with an actor, and one without."""

from collections.abc import Iterator

import pytest

from queues import registry
from queues.config import QueueConfig
from queues.models import Worker


@pytest.fixture(autouse=True)
def _queues() -> Iterator[None]:
    for config in (QueueConfig("parcels", actor="deliver"), QueueConfig("letters")):
        registry.register(config)
    yield
    for name in ("parcels", "letters"):
        registry.forget(name)


@pytest.fixture
def alive(db: None) -> None:
    """A worker that leads and a scheduler, both with a heartbeat of now."""
    Worker.objects.create(id="w1", kind="worker", host="h", pid=1, leads=True, queues=["parcels"])
    Worker.objects.create(id="s1", kind="scheduler", host="h", pid=2)

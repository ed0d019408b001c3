"""A declared queue whose jobs recur."""

from collections.abc import Iterator

import pytest
from pydantic import BaseModel

from queues import registry
from queues.config import QueueConfig
from queues.order.outbox import publisher


class Parcel(BaseModel):
    """Where a parcel goes."""

    depot: str


@pytest.fixture
def parcels() -> Iterator[QueueConfig]:
    """Declare the queue ``parcels``."""
    config = registry.register(
        QueueConfig(
            "parcels",
            Parcel,
            actor="deliver",
            tenant=lambda data: data.depot,
            subjects=lambda data: (f"depot:{data.depot}",),
        )
    )
    publisher.reset()
    yield config
    registry.forget("parcels")

"""The leader: what is wrong with one queue is no other queue's matter."""

from __future__ import annotations

import time

import pytest
import redis

from queues.broker.broker import LedgerBroker
from queues.config import QueueConfig
from queues.order.client import OrderClient
from queues.order.member import base_key
from queues.order.scripts import is_ready
from queues.relay.leader import Leader
from queues.relay.wanted import order_settings
from queues.testing import Declare, broker


def lead(leader: Leader, seconds: float) -> None:
    """Take a leader's steps as its thread does: whatever one raises, the next follows."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        try:
            leader.relay(time.monotonic())
        except Exception:  # noqa: BLE001  as the relay's thread does
            time.sleep(0.5)
        time.sleep(0.02)


@pytest.mark.parametrize("name", ["mail.out", "reminders of 2019"])
def test_a_plain_queue_may_have_a_name_that_no_declaration_could(
    declare: Declare, order: OrderClient, name: str
) -> None:
    """Dramatiq allows dots; the settings of such a queue could not be made, and no queue after it was ever ready."""
    known: LedgerBroker = broker()
    known.declare_queue(name)
    declare(QueueConfig("parcels"))

    assert order_settings(name).weights == (6, 3, 1)
    lead(Leader(order, lambda: [name, "parcels"]), 2)

    assert is_ready(order, name)
    assert is_ready(order, "parcels")


def test_one_queue_that_cannot_be_served_keeps_no_other_from_it(
    declare: Declare, order: OrderClient, plain_redis: redis.Redis
) -> None:
    """The first queue by name raised at every step, before the others had their turn: nothing was swept or rebuilt."""
    first, last = declare(QueueConfig("a-parcels")), declare(QueueConfig("parcels"))
    leader = Leader(order, lambda: [first, last])
    plain_redis.set(base_key(first) + "settings", "of the wrong type")

    lead(leader, 1.5)

    assert is_ready(order, last)

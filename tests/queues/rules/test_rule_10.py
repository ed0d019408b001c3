"""Rule 10: flush, restart, failover and eviction are one case, told by the server's run_id."""

from pathlib import Path
from uuid import uuid4

import pytest
import redis

from queues.config import QueueConfig
from queues.order.client import OrderClient
from queues.order.member import base_key
from queues.order.scripts import fetch, is_ready
from queues.testing import Declare, StartWorker, wait_for
from tests.queues import hands
from tests.queues.oracle import Caller
from tests.queues.servers import OwnValkey

pytestmark = pytest.mark.rule(10)


def status(order: OrderClient, queue: str) -> str:
    return fetch(order, queue, str(uuid4()), 1, lease_ms=1000, not_after=0).status


def test_a_restarted_server_is_not_trusted(declare: Declare, own_valkey: OwnValkey) -> None:
    """Redis restarts from its append-only file, which lacks the last second: it has an epoch and lacks ids."""
    queue = declare(QueueConfig("letters"))
    order = OrderClient(2)
    hands.make_ready(order, queue)
    assert status(order, queue) == "ok"

    own_valkey.stop()
    own_valkey.start()

    assert status(order, queue) == "rebuilding"
    assert order.command("EXISTS", base_key(queue) + "epoch") == 1, "the epoch itself survived"
    assert not is_ready(order, queue)
    order.close()


def test_a_promoted_replica_is_not_trusted(
    declare: Declare, own_valkey: OwnValkey, tmp_path: Path, tuned: object
) -> None:
    """A replica three seconds behind takes over: it has the epoch, but lacks ids and leases."""
    # Given a replica that has everything up to now, and then is cut off
    queue = declare(QueueConfig("letters"))
    order = OrderClient(2)
    hands.make_ready(order, queue)
    replica = OwnValkey(tmp_path / "replica")
    with redis.Redis.from_url(replica.url) as other:
        other.replicaof("127.0.0.1", own_valkey.port)
        wait_for(lambda: other.exists(base_key(queue) + "epoch"))
        other.replicaof("NO", "ONE")
    order.close()

    # When it serves in the other's place
    tuned(redis_url=replica.url)  # type: ignore[operator]
    promoted = OrderClient(2)

    # Then it hands out nothing
    assert status(promoted, queue) == "rebuilding"
    promoted.close()
    replica.stop()


def test_an_evicted_epoch_is_a_flush(declare: Declare, order: OrderClient, plain_redis: redis.Redis) -> None:
    """Somebody set an eviction policy; what goes first is anybody's guess."""
    queue = declare(QueueConfig("letters"))
    hands.make_ready(order, queue)
    plain_redis.delete(base_key(queue) + "epoch")

    assert status(order, queue) == "rebuilding"


def test_workers_carry_on_after_a_restart_that_lost_everything(
    declare: Declare, own_valkey: OwnValkey, worker: StartWorker, caller: Caller
) -> None:
    """Redis crashes and comes back empty; some jobs were waiting in it and nobody restarts the workers."""
    queue = declare(QueueConfig("letters", actor="letter"), lambda _: None)
    worker()
    own_valkey.stop()
    caller.add_many(queue, [{}] * 50)
    Path(own_valkey._folder / "appendonlydir").rename(own_valkey._folder / "lost")
    own_valkey.start()

    caller.wait_all_ended(20)
    caller.assert_oracle()

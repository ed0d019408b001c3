"""Rule 8: a fetch is idempotent by its token; no copy of it hands out anything late."""

import time
from uuid import uuid4

import pytest
import redis

from queues.config import QueueConfig
from queues.order.client import UNREACHABLE, OrderClient
from queues.order.member import base_key
from queues.order.scripts import fetch
from queues.testing import Declare, StartWorker, wait_for
from tests.queues import hands
from tests.queues.oracle import Caller
from tests.queues.servers import OwnValkey

pytestmark = pytest.mark.rule(8)


def test_asked_again_it_answers_what_the_token_holds(declare: Declare, order: OrderClient) -> None:
    """The answer of a fetch is lost on the way; asked again, other ids would leave the first ones leased by nobody."""
    queue = declare(QueueConfig("letters"))
    hands.make_ready(order, queue)
    hands.members(order, queue, 10)
    token = uuid4()

    first = hands.take(order, queue, 4, token=token)
    again = hands.take(order, queue, 4, token=token)

    assert len(first.members) == 4
    assert again.members == first.members
    assert len(hands.take(order, queue, 10).members) == 6


def test_a_copy_that_comes_too_late_hands_out_nothing(declare: Declare, order: OrderClient) -> None:
    """A frozen Redis thaws and executes a fetch whose consumer has long gone on under another token."""
    queue = declare(QueueConfig("letters"))
    hands.make_ready(order, queue)
    hands.members(order, queue, 1)
    past = int(time.time() * 1000) - 1000

    assert fetch(order, queue, str(uuid4()), 1, lease_ms=1000, not_after=past).status == "late"
    assert len(hands.take(order, queue, not_after=past + 60_000).members) == 1


def test_a_script_is_sent_once(declare: Declare, own_valkey: OwnValkey) -> None:
    """redis-py's own client would send a script up to ten times to a server that does not answer (20 s, run twice)."""
    # Given a server that has the scripts, and is frozen
    queue = declare(QueueConfig("letters"))
    client = OrderClient(0.3)
    hands.make_ready(client, queue)
    hands.take(client, queue)
    with redis.Redis.from_url(own_valkey.url) as other:
        before = other.info("commandstats")["cmdstat_evalsha"]["calls"]
        own_valkey.freeze()

        # When it is asked, then the answer is an error, in time
        began = time.monotonic()
        with pytest.raises(UNREACHABLE):
            hands.take(client, queue)
        assert time.monotonic() - began < 1

        # And thawed, it runs what it was sent: one script
        own_valkey.thaw()
        wait_for(lambda: other.info("commandstats")["cmdstat_evalsha"]["calls"] > before)
        assert other.info("commandstats")["cmdstat_evalsha"]["calls"] == before + 1
    client.close()


@pytest.mark.fault(7)
def test_a_freeze_strands_and_doubles_nothing(
    declare: Declare, own_valkey: OwnValkey, worker: StartWorker, caller: Caller
) -> None:
    """Redis hangs for three seconds under work (the stock broker stranded 4 of 600 jobs and ran some twice)."""
    ran: list[int] = []
    queue = declare(QueueConfig("letters", actor="letter"), lambda data: ran.append(data["n"]) or time.sleep(0.002))
    worker()
    caller.add_many(queue, [{"n": number} for number in range(600)])
    wait_for(lambda: len(ran) > 50)
    own_valkey.freeze()
    time.sleep(3)
    own_valkey.thaw()

    caller.wait_all_ended(20)

    assert sorted(ran) == list(range(600))
    caller.assert_oracle()
    with redis.Redis.from_url(own_valkey.url) as client:
        assert client.zcard(base_key(queue) + "flow:2:") == 0

"""Fair order: tenants share equally, priorities by weight, and nobody gains or owes by what is past."""

from collections import Counter
from uuid import uuid4

import pytest
import redis

from queues.config import QueueConfig
from queues.order.client import OrderClient
from queues.order.member import base_key
from queues.order.scripts import Placed, Settled, publish, settle
from queues.testing import Declare
from tests.queues import hands

CRITICAL, HIGH, NORMAL, LOW = range(4)


@pytest.fixture
def queue(declare: Declare, order: OrderClient) -> str:
    name = declare(QueueConfig("letters"))
    hands.make_ready(order, name)
    return name


@pytest.mark.parametrize("batch", [1, 7, 64])
def test_tenants_share_equally_whatever_they_have(queue: str, order: OrderClient, batch: int) -> None:
    # Given three tenants, one with far more waiting, and long before the others
    hands.members(order, queue, 1000, tenant="import", due_ms=1)
    hands.members(order, queue, 150, tenant="north", due_ms=5000)
    hands.members(order, queue, 150, tenant="south", due_ms=5000)

    # When they are handed out, in batches of whatever size
    got: list[str] = []
    while len(got) < 300:
        got += hands.take(order, queue, batch).tenants

    # Then each has a third
    shares = Counter(got[:300])
    assert all(abs(share - 100) <= 3 for share in shares.values()), shares


@pytest.mark.parametrize("batch", [1, 10, 100])
def test_priorities_of_a_tenant_share_by_weight(queue: str, order: OrderClient, batch: int) -> None:
    for priority in (LOW, NORMAL, HIGH):
        hands.members(order, queue, 1000, priority=priority)

    got: list[int] = []
    while len(got) < 1000:
        got += hands.take(order, queue, batch).priorities

    shares = Counter(got[:1000])
    for priority, wanted in ((HIGH, 600), (NORMAL, 300), (LOW, 100)):
        assert abs(shares[priority] - wanted) <= wanted / 10, shares


def test_a_tenants_priorities_are_its_own_affair(queue: str, order: OrderClient) -> None:
    """A clinic that calls everything HIGH gets no more turns than one that does not."""
    hands.members(order, queue, 500, tenant="urgent", priority=HIGH)
    hands.members(order, queue, 500, tenant="calm", priority=LOW)

    assert Counter(hands.take(order, queue, 200).tenants) == {"urgent": 100, "calm": 100}


@pytest.mark.parametrize("batch", [1, 64])
def test_critical_is_taken_first_but_at_most_seven_of_eight(queue: str, order: OrderClient, batch: int) -> None:
    hands.members(order, queue, 500, priority=CRITICAL)
    hands.members(order, queue, 500, priority=NORMAL)

    got: list[int] = []
    while len(got) < 256:
        got += hands.take(order, queue, batch).priorities

    assert got[:7] == [CRITICAL] * 7
    assert Counter(got[:256]) == {CRITICAL: 224, NORMAL: 32}
    # Any eight in a row have one of the others
    assert all(NORMAL in got[start : start + 8] for start in range(249))


def test_critical_is_fair_between_tenants_too(queue: str, order: OrderClient) -> None:
    hands.members(order, queue, 500, tenant="north", priority=CRITICAL)
    hands.members(order, queue, 20, tenant="south", priority=CRITICAL)

    assert Counter(hands.take(order, queue, 40).tenants) == {"north": 20, "south": 20}


def test_within_a_flow_first_in_first_out_and_a_retry_keeps_its_place(queue: str, order: OrderClient) -> None:
    # Given jobs in their order, the first of which fails and comes back
    wanted = hands.members(order, queue, 50)
    first = hands.take(order, queue)
    assert list(first.members) == wanted[:1]
    hands.let_go(order, queue, first, 0)

    # Then it is before those that came after it
    assert list(hands.take(order, queue, 50).members) == wanted


def test_an_emptied_tenant_owes_nothing(queue: str, order: OrderClient) -> None:
    """A clinic used the queue alone for a while; when another comes, the first must not wait for it to catch up."""
    # Given one that had a thousand turns alone, and is through
    hands.members(order, queue, 1000, tenant="busy")
    while hands.take(order, queue, 256).members:
        pass

    # When both have jobs
    hands.members(order, queue, 100, tenant="new")
    hands.members(order, queue, 100, tenant="busy")

    # Then they take turns from the first on
    assert Counter(hands.take(order, queue, 40).tenants) == {"busy": 20, "new": 20}


def test_who_comes_late_has_no_credit(queue: str, order: OrderClient) -> None:
    """A clinic that was silent while another had a thousand turns does not get the next thousand."""
    hands.members(order, queue, 2000, tenant="busy")
    for _ in range(4):
        hands.take(order, queue, 250)
    hands.members(order, queue, 500, tenant="late")

    assert Counter(hands.take(order, queue, 100).tenants) == {"busy": 50, "late": 50}


def test_nothing_is_kept_of_flows_that_have_nothing(queue: str, order: OrderClient, plain_redis: redis.Redis) -> None:
    """Ten thousand tenants a day would fill Redis with what is past."""
    for number in range(300):
        publish(order, queue, [Placed(f"1|{number % 4}|{uuid4()}|tenant-{number}", 0)])
    taken = 0
    while hand := hands.take(order, queue, 256).members:
        taken += len(hand)
    hands.take(order, queue)

    left = {key.decode().removeprefix(base_key(queue)) for key in plain_redis.scan_iter("*")}
    assert taken == 300
    assert {name for name in left if name.startswith(("flow", "band"))} == set()
    assert [name for name in order.command("HKEYS", base_key(queue) + "virtual") if name.startswith(b"t:")] == []


def test_order_survives_hand_outs_and_settles_of_many_tenants(queue: str, order: OrderClient) -> None:
    """Every job is handed out once, in turns, though half of them come back once."""
    wanted = {member for number in range(40) for member in hands.members(order, queue, 25, tenant=f"t{number}")}
    got: Counter[str] = Counter()
    while (hand := hands.take(order, queue, 37)).members:
        back = [member for member in hand.members if got[member] == 0 and int(member.split("|")[2][-1], 16) % 2]
        settle(order, queue, [Settled(str(hand.token), m, 0 if m in back else None) for m in hand.members])
        got.update(hand.members)

    assert set(got) == wanted
    assert max(got.values()) == 2

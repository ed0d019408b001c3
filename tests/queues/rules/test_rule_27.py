"""Rule 27: what hooks enqueue joins the outcome: one next stage for each stage that completed, and none without."""

from __future__ import annotations

from typing import Any

import dramatiq
import pytest
from dramatiq.middleware import Callbacks, Middleware, TimeLimitExceeded

from queues.actors import current_job
from queues.broker.attempt import current
from queues.config import Backoff, QueueConfig
from queues.errors import Postpone
from queues.ledger.rescue import rescue
from queues.models import Job
from queues.order.scripts import Placed, publish
from queues.testing import Declare, StartWorker, broker, wait_for
from tests.queues.holding import hooked
from tests.queues.oracle import Caller
from tests.queues.rules.test_rule_25 import LATER

pytestmark = pytest.mark.rule(27)


def plain(fn: Any, name: str, **options: Any) -> Any:
    return dramatiq.actor(fn, actor_name=name, queue_name="parcels", **options)


def nothing(*_: Any) -> None:
    """Do nothing."""


def states(actor: str) -> list[str]:
    return sorted(Job.objects.filter(actor=actor).values_list("state", flat=True))


def test_a_stage_whose_worker_lost_it_makes_no_next_stage(
    declare: Declare, worker: StartWorker, caller: Caller
) -> None:
    """A worker stood still for longer than its lease, and woke.

    Both runs of the first stage added the second: the patient got the letter twice.
    """
    declare(QueueConfig("parcels"))
    tokens: list[Any] = []

    def pack(number: int) -> int:
        attempt = current.get()
        assert attempt is not None
        tokens.append(attempt.token_uuid)
        if len(tokens) == 1:
            # Given that somebody takes the job back meanwhile, as the rescue does.
            taken = rescue([(attempt.job.id, attempt.token_uuid)], 1)
            running.process.settler.put_settled({"parcels": []})
            publish(running.process.settler._client, "parcels", [Placed(taken[0].member, 0, suspect=True)])
        return number + 1

    got: list[int] = []
    plain(nothing, "tell")
    first, second = plain(pack, "pack", on_success="tell"), plain(got.append, "send")
    running = worker(threads=2)
    # When both runs of the first stage end.
    (first.message(1) | second.message()).run()
    wait_for(lambda: states("send") == ["completed"])
    wait_for(lambda: states("pack") == ["completed"])
    # Then one of them counted: one next stage, one callback.
    assert len(set(tokens)) == 2
    assert got == [2]
    assert Job.objects.filter(actor="tell").count() == 1


def test_the_next_stage_is_there_exactly_if_the_stage_is_completed(
    declare: Declare, worker: StartWorker, caller: Caller
) -> None:
    declare(QueueConfig("parcels", backoff=Backoff(20)))
    runs: list[int] = []

    def pack(number: int) -> int:
        runs.append(number)
        if len(runs) < 3:
            raise ValueError("no")
        return number

    got: list[int] = []
    first, second = plain(pack, "pack"), plain(got.append, "send")
    worker(threads=2)
    (first.message(7) | second.message()).run()
    wait_for(lambda: states("send") == ["completed"])
    assert (runs, got, states("pack")) == ([7, 7, 7], [7], ["completed"])


def test_a_late_interrupt_makes_neither_a_retry_nor_a_second_next_stage(
    declare: Declare, worker: StartWorker, caller: Caller
) -> None:
    """The time limit struck after the next stage had been added, and the stage ran again: two next stages."""

    class Late(Middleware):
        armed = True

        def after_process_message(self, broker: Any, message: Any, **_: Any) -> None:
            if message.actor_name == "pack" and self.armed:
                self.armed = False
                raise TimeLimitExceeded

    declare(QueueConfig("parcels"))
    runs: list[int] = []
    got: list[int] = []

    def pack(number: int) -> int:
        runs.append(number)
        return number

    plain(nothing, "tell")
    first, second = plain(pack, "pack", on_success="tell"), plain(got.append, "send")
    worker(threads=1)
    place = next(index for index, hook in enumerate(broker().middleware) if isinstance(hook, Callbacks))
    # After-hooks run in reverse: this one comes when pipelines and callbacks have had their turn.
    with hooked(late := Late(), at=place):
        (first.message(1) | second.message()).run()
        wait_for(lambda: states("send") == ["completed"])
    assert not late.armed
    assert (runs, got, states("pack")) == ([1], [1], ["completed"])
    assert Job.objects.count() == 3


def test_a_callback_is_added_with_the_outcome(declare: Declare, worker: StartWorker, caller: Caller) -> None:
    declare(QueueConfig("parcels"))
    heard: list[tuple[str, int]] = []

    def tell(message: dict[str, Any], result: int) -> None:
        heard.append((message["actor_name"], result))

    plain(tell, "tell")
    first = plain(lambda number: number * 2, "pack", on_success="tell")
    worker(threads=1)
    first.send(4)
    wait_for(lambda: heard == [("pack", 8)])
    assert states("tell") == ["completed"] or wait_for(lambda: states("tell") == ["completed"])


def test_an_attempt_that_does_not_count_calls_nobody(declare: Declare, worker: StartWorker, caller: Caller) -> None:
    """A job was postponed at its last attempt, and those who wait for its failure were told that it had failed."""
    declare(QueueConfig("parcels"))

    def postpone() -> None:
        raise Postpone(LATER, "quiet hours")

    plain(lambda *_: None, "tell")
    first = plain(postpone, "pack", max_retries=0, on_failure="tell", on_retry_exhausted="tell")
    worker(threads=1)
    first.send()
    wait_for(lambda: states("pack") == ["delayed"])
    assert states("tell") == []


def test_what_a_body_adds_is_added_at_once(declare: Declare, worker: StartWorker, caller: Caller) -> None:
    """Only hooks join the outcome; a body's own jobs are its caller's business, and stay if it fails."""
    declare(QueueConfig("parcels"))
    second = plain(lambda: None, "send")

    def pack() -> None:
        assert current_job().attempt == 1
        second.send()
        raise ValueError("no")

    first = plain(pack, "pack", max_retries=0)
    worker(threads=1)
    first.send()
    wait_for(lambda: states("pack") == ["failed"])
    wait_for(lambda: states("send") == ["completed"])

"""Rule 30: what is stored of an error names nobody, and Dramatiq's own options are not stored at all."""

from __future__ import annotations

from typing import Any

import dramatiq
import pytest

from queues.config import QueueConfig
from queues.models import Job, JobAttempt
from queues.testing import Declare, StartWorker, wait_for
from tests.queues.oracle import Caller

pytestmark = pytest.mark.rule(30)

CANARIES = ("Zebulon Quaxley", "Quaxley", "zebulon.quaxley@example.org", "+49 170 5557788", "5557788")


def everything_stored() -> str:
    """All that the queue's tables hold of jobs and their attempts, as text."""
    return repr([list(model.objects.values()) for model in (Job, JobAttempt)])


def test_error_texts_and_stacks_name_nobody(declare: Declare, worker: StartWorker, caller: Caller) -> None:
    """A provider's error quoted the patient.

    It stood in the job's row, in its attempts, and in a callback's arguments, for a week, for every operator of the
    group to read.
    """
    declare(QueueConfig("parcels"))

    def deliver() -> None:
        try:
            raise KeyError(f"no contact of {CANARIES[0]} <{CANARIES[2]}>")
        except KeyError as error:
            raise RuntimeError(f"{CANARIES[0]} cannot be reached at {CANARIES[3]}") from error

    told: list[Any] = []
    dramatiq.actor(lambda *args: told.append(args), actor_name="tell", queue_name="parcels")
    first = dramatiq.actor(
        deliver, actor_name="deliver", queue_name="parcels", max_retries=1, min_backoff=10,
        on_failure="tell", on_retry_exhausted="tell",
    )  # fmt: skip
    worker(threads=1)
    first.send()
    # When it has failed for good, and everybody was told: of each failure, and of the end.
    wait_for(lambda: Job.objects.filter(actor="deliver", state="failed").exists())
    wait_for(lambda: len(told) == 3)
    # Then it is on record what failed and where.
    stack = JobAttempt.objects.filter(outcome="failed").get().traceback
    assert "in deliver" in stack
    assert "KeyError" in stack
    # And nobody is named: not in the rows, not to the callbacks.
    stored = everything_stored() + repr(told)
    assert [canary for canary in CANARIES if canary in stored] == []


def test_options_that_are_times_stacks_and_counts_are_not_stored(
    declare: Declare, worker: StartWorker, caller: Caller
) -> None:
    """With `eta` in its options a message goes to a queue in the memory of one worker; a stack holds values."""
    declare(QueueConfig("parcels"))
    first = dramatiq.actor(lambda: None, actor_name="deliver", queue_name="parcels")
    first.send_with_options(
        delay=50, eta=9_999_999_999_999, traceback="line 1: name = 'Quaxley'", requeue_timestamp=1, retries=3,
        pipe_ignore=True,
    )  # fmt: skip
    assert Job.objects.get().options == {"pipe_ignore": True}
    worker(threads=1)
    wait_for(lambda: Job.objects.get().state == "completed")

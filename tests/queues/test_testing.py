"""The fixtures that run jobs for real, in process."""

from queues import service
from queues.config import QueueConfig
from queues.testing import Declare, StartWorker, wait_for
from tests.queues.oracle import Caller


def test_a_job_runs_in_this_process(declare: Declare, worker: StartWorker, caller: Caller) -> None:
    # Given a queue whose actor notes what it did
    done: list[int] = []
    queue = declare(QueueConfig("letters", actor="letter"), lambda data: done.append(data["number"]))
    worker()

    # When jobs are added
    caller.add_many(queue, [{"number": number} for number in range(50)])

    # Then each ran once
    caller.wait_all_ended()
    assert sorted(done) == list(range(50))
    caller.assert_oracle()


def test_a_second_worker_may_follow_the_first(declare: Declare, worker: StartWorker, caller: Caller) -> None:
    queue = declare(QueueConfig("letters", actor="letter"), lambda _: None)
    worker().stop()
    worker(threads=1)

    job = caller.add(queue)

    wait_for(lambda: service.get_job(queue, job).state == "completed")
    caller.assert_oracle()

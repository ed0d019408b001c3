"""Raw statements over Django's connections: one that broke is replaced, as Django's own cursors would see to it."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest
from django.db import connection, transaction

from queues import service
from queues.actors import current_job
from queues.config import QueueConfig
from queues.ledger import sql
from queues.models import JobAttempt, Worker
from queues.testing import Declare, StartWorker, wait_for
from tests.queues.holding import refusing
from tests.queues.oracle import Caller


def terminate_others() -> None:
    """End every other session of this database, as a restart of the server does."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )


def terminate(wrapper: Any) -> None:
    """End the session behind a connection."""
    pid = wrapper.connection.info.backend_pid
    with psycopg.connect(**wrapper.get_connection_params()) as other:
        other.execute("SELECT pg_terminate_backend(%s, 5000)", [pid])


def test_a_connection_that_broke_between_two_requests_is_replaced(queue_servers: None) -> None:
    """With health checks on, Django replaces it; a raw statement that came first did not look; its caller failed."""
    connection.ensure_connection()
    connection.health_check_enabled = True
    terminate(connection)
    connection.close_if_unusable_or_obsolete()  # what ends a request, and a job

    assert sql.rows("SELECT 1", []) == [(1,)]


def test_a_connection_that_broke_under_a_raw_statement_is_closed_after_the_request(queue_servers: None) -> None:
    """Django was not told of the error and kept the connection, for every request to come."""
    connection.ensure_connection()
    connection.health_check_enabled = False
    terminate(connection)
    with pytest.raises(sql.LOST):
        sql.rows("SELECT 1", [])
    connection.close_if_unusable_or_obsolete()

    assert sql.rows("SELECT 1", []) == [(1,)]


def test_an_actor_that_only_reports_progress_goes_on_after_a_restart_of_the_server(
    declare: Declare, worker: StartWorker, caller: Caller
) -> None:
    """Its thread's connection was dead for good: each job of the thread failed until somebody restarted the worker."""
    queue = declare(QueueConfig("letters", actor="letter", attempts=1), lambda _: current_job().progress(1))
    worker(threads=1)
    before = caller.add(queue)
    wait_for(lambda: service.get_job(queue, before).state == "completed")

    terminate_others()
    after = caller.add_many(queue, [{}] * 3)

    caller.wait_all_ended(20)
    assert [service.get_job(queue, job).state for job in after] == ["completed"] * 3


def test_outcomes_wait_for_a_server_that_can_write(declare: Declare, worker: StartWorker, caller: Caller) -> None:
    """A failover had led the connection to a standby: outcomes were dropped, and all these jobs were run twice."""
    runs: list[int] = []
    queue = declare(QueueConfig("letters", actor="letter"), lambda data: runs.append(data["n"]))
    with refusing("new.state IN ('completed', 'failed')", sqlstate="25006", times=4):
        worker(threads=2)
        caller.add_many(queue, [{"n": number} for number in range(3)])
        caller.wait_all_ended(20)

    assert sorted(runs) == [0, 1, 2]
    assert not JobAttempt.objects.exists()
    caller.assert_oracle()


def test_a_transaction_that_an_actor_leaves_open_does_not_swallow_the_next_jobs_work(
    declare: Declare, worker: StartWorker, caller: Caller
) -> None:
    """A time limit struck as a transaction was being opened; nothing that later jobs of this thread wrote was kept."""

    def letter(data: dict[str, Any]) -> None:
        if data["n"] == 0:
            transaction.atomic().__enter__()
        Worker.objects.create(id=f"written by {data['n']}", kind="worker", host="test", pid=1)

    queue = declare(QueueConfig("letters", actor="letter", attempts=1), letter)
    worker(threads=1)
    for number in range(2):
        job = caller.add(queue, {"n": number})
        wait_for(lambda job=job: service.get_job(queue, job).state == "completed")

    assert Worker.objects.filter(id="written by 1").exists()

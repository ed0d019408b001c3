"""Actors that note each run, have one effect a job, and do what their data says."""

import os
import time
from typing import Any

import dramatiq
from django.db import connection

from queues.actors import current_job, queue_actor
from tests.queues.chores.queues import CHORES, ERRANDS


def _do(data: dict[str, Any]) -> None:
    job = current_job()
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO chore_run (job_id, run, attempt, pid) VALUES (%s, %s, %s, %s)",
            [job.id, job.run, job.attempt, os.getpid()],
        )
    if s := data.get("s"):
        time.sleep(s)
    what = data.get("do")
    if what == "exit":
        os._exit(9)
    if what == "fail" or (what == "fail once" and job.attempt == 1):
        # What a provider answers comes from outside, not from the job.
        raise ValueError(os.environ.get("CHORE_TEXT", "no"))
    if what == "database":
        with connection.cursor() as cursor:
            cursor.execute("SELECT %s::int", [os.environ["CHORE_TEXT"]])
    with connection.cursor() as cursor:
        # An effect with its idempotency key: the second of two overlapping runs finds it done.
        cursor.execute("INSERT INTO chore_effect (key) VALUES (%s) ON CONFLICT DO NOTHING", [f"{job.id}/{job.run}"])


@queue_actor(CHORES)
def chore(data: dict[str, Any]) -> None:
    """Do one chore."""
    _do(data)


@queue_actor(ERRANDS)
def errand(data: dict[str, Any]) -> None:
    """Run one errand."""
    _do(data)


@dramatiq.actor(queue_name=ERRANDS.name, max_retries=0)
def plain(*args: Any, **kwargs: Any) -> None:
    """Take anything."""
    if kwargs.get("fail"):
        raise ValueError(f"{args} {kwargs}")

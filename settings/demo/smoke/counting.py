"""Whether counts add up: what the queue says of itself against what the rows and the witness say."""

from collections import Counter
from collections.abc import Collection
from uuid import UUID

from django.db import connection, transaction

from engagement.models import Reminder
from engagement.queues import QueueName
from queues import registry, service
from queues.inspection.stats import QueueStats
from queues.models import Job
from settings.demo.smoke import witness
from settings.demo.table import Check

_REAL = """
SELECT queue, CASE WHEN state = 'delayed' AND run_at <= statement_timestamp() THEN 'waiting' ELSE state END, count(*)
FROM queues_job GROUP BY 1, 2
"""
_OVERDUE = """
SELECT count(*) FROM queues_job
WHERE queue = ANY (%s) AND finished_at IS NULL AND run_at < statement_timestamp() - interval '5 s'
"""


def counts_add_up() -> list[Check]:
    """`get_queue_stats` of every queue is what counting its rows gives."""
    for _ in range(3):
        # A job may fall due between the two statements: looked at again.
        said, real = _both()
        if said == real:
            break
    mine = said[QueueName.APPOINTMENT_REMINDER]
    checks = [
        Check(f"get_queue_stats of {len(said)} queues", "what their rows say", _differing(said, real), said == real),
        Check.same(
            "jobs of appointment reminders",
            f"{Reminder.objects.exclude(job_id=None).count()}, one a reminder",
            f"{sum((mine.waiting, mine.active, mine.completed, mine.failed, mine.delayed))}, one a reminder",
        ),
    ]
    orphans = set(Job.objects.filter(queue=QueueName.APPOINTMENT_REMINDER).values_list("id", flat=True)) ^ set(
        Reminder.objects.exclude(job_id=None).values_list("job_id", flat=True)
    )
    return [*checks, Check.same("jobs without reminder, reminders without job", 0, len(orphans))]


def nothing_left_over() -> Check:
    """No job of a queue that is consumed is overdue."""
    consumed = [name for name in registry.names() if registry.get(name).actor]
    with connection.cursor() as cursor:
        cursor.execute(_OVERDUE, [consumed])
        (overdue,) = cursor.fetchone()
    return Check.same("jobs that are overdue and not done", 0, overdue)


def ended_once(completed: Collection[UUID], failed_then_completed: UUID) -> Check:
    """Each job ended exactly once, and the retried one once in each of its runs."""
    wanted = Counter((job, 1, "completed") for job in completed)
    wanted.update([(failed_then_completed, 1, "failed"), (failed_then_completed, 2, "completed")])
    seen = witness.ends([*completed, failed_then_completed])
    strange = len((wanted - seen) + (seen - wanted))
    return Check(
        "runs that ended, as a trigger noted it",
        f"{len(wanted)}, each once",
        f"{sum(seen.values())}, {strange} otherwise" if strange else f"{len(seen)}, each once",
        not strange,
    )


def _both() -> tuple[dict[str, QueueStats], dict[str, QueueStats]]:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        said = service.get_all_queue_stats()
        cursor.execute(_REAL)
        real: dict[str, dict[str, int]] = {queue: {} for queue in said}
        for queue, state, count in cursor.fetchall():
            real.setdefault(queue, {})[state] = count
    return said, {queue: QueueStats.of(states) for queue, states in real.items()}


def _differing(said: dict[str, QueueStats], real: dict[str, QueueStats]) -> str:
    differing = [f"{queue}: {said[queue]}, rows {real.get(queue)}" for queue in said if said[queue] != real.get(queue)]
    return "; ".join(differing) or "what their rows say"

"""Whether reminders were planned, and whether those that were due went out: once, and in time."""

from collections import Counter
from collections.abc import Sequence
from statistics import median

from engagement.models import DeliveryAttempt, OutboxMessage, Reminder
from engagement.terms import ReminderType
from queues.models import Job
from queues.states import JobState
from settings.demo.smoke.visits import Visit
from settings.demo.table import Check

#: A job may start this much late on a machine that is busy with other things, seconds; the engine's own tests and
#: `make bench` ask for less.
LATE_S = 3.0


def planned(visits: Sequence[Visit]) -> list[Check]:
    """Every visit has its three reminders, each with a job that starts when the reminder is due."""
    ids = [visit.appointment.id for visit in visits]
    rows = list(Reminder.objects.filter(appointment__in=ids).values_list("job_id", "planned_for", "workplace_id"))
    jobs = Job.objects.in_bulk([job for job, _, _ in rows if job is not None])
    fitting = sum(
        job in jobs and jobs[job].due_at == due and jobs[job].tenant == str(workplace) for job, due, workplace in rows
    )
    wanted = len(visits) * len(ReminderType)
    return [
        Check.same(f"reminders planned for {len(visits)} visits", wanted, len(rows)),
        Check.same("each with a job of its clinic, due at its time", wanted, fitting),
    ]


def undelivered(visits: Sequence[Visit]) -> int:
    """How many of these visits' jobs have not completed."""
    return len(visits) - Job.objects.filter(id__in=[visit.job for visit in visits], state=JobState.COMPLETED).count()


def delivered(visits: Sequence[Visit], what: str) -> Check:
    """Each visit's message is in the outbox, once."""
    wanted = Counter(visit.key for visit in visits)
    found = Counter(OutboxMessage.objects.filter(idempotency_key__in=wanted).values_list("idempotency_key", flat=True))
    once, more = sum(found[key] == 1 for key in wanted), sum(found[key] > 1 for key in wanted)
    return Check(what, f"{len(wanted)} once", f"{once} once, {more} more often", found == wanted)


def asked_once(visits: Sequence[Visit]) -> Check:
    """The provider was asked once for each."""
    asked = DeliveryAttempt.objects.filter(delivery__idempotency_key__in=[visit.key for visit in visits]).count()
    return Check.same("the provider was called for these", f"{len(visits)} times", f"{asked} times")


def punctual(visits: Sequence[Visit]) -> Check:
    """None started early, none very late."""
    jobs = Job.objects.in_bulk([visit.job for visit in visits])
    starts = [(visit, jobs[visit.job].started_at) for visit in visits]
    late = sorted((start - visit.due).total_seconds() for visit, start in starts if start is not None)
    return Check(
        "they started after their time by",
        f"0 to {LATE_S:g} s",
        f"{late[0]:.3f} to {late[-1]:.3f} s, median {median(late):.3f}",
        late[0] >= 0 and late[-1] <= LATE_S,
    )

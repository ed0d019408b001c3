"""The story: visits are booked, reminders go out, a worker is killed, one reminder fails, staff retry it."""

from collections.abc import Mapping
from datetime import timedelta

from engagement.demo import DemoSummary
from engagement.models import Workplace
from engagement.services.clock import database_now
from settings.demo.smoke import counting, delivery, failing, rescuing, visits
from settings.demo.smoke.killing import kill_a_busy_worker
from settings.demo.smoke.watching import PATIENCE_S, Progress, wait_for
from settings.demo.table import Check

#: Visits of each clinic in the quiet part.
CALM = 4
#: How soon the first reminders fall due, and how long after them the many: between two attempts of the failing one.
FIRST_DUE, MANY_AFTER = timedelta(seconds=4), timedelta(seconds=9)
#: How long before they fall due the many are booked, at the least.
AHEAD = timedelta(seconds=3)


def play(base: str, made: DemoSummary, progress: Progress, checks: list[Check]) -> None:
    """Go through it, adding to `checks` as things are seen. Raises NotSeen when something does not come."""
    clinics = {workplace.name: workplace for workplace in Workplace.objects.all()}
    misbehaving = clinics.pop(made.misbehaving)
    patients = [visits.reachable(clinic) for clinic in clinics.values()]
    unlucky, *lucky = visits.reachable(misbehaving)[: CALM + 1]
    visits.misbehave(misbehaving, unlucky)

    now = database_now()
    due = now + FIRST_DUE
    (failing_visit,) = visits.book([unlucky], due, timedelta(0), now)
    some = [*lucky, *(patient for group in patients for patient in group[:CALM])]
    calm = visits.book(some, due, timedelta(seconds=0.25), now)
    crowd = [patient for group in patients for patient in group]
    booked = database_now()
    # A machine that takes long to book them gets the time.
    slow_due = booked + 2 * len(crowd) * (booked - now) / len(calm) + AHEAD
    burst = visits.book(crowd, max(due + MANY_AFTER, slow_due), timedelta(0), booked)
    everybody = [failing_visit, *calm, *burst]
    checks += delivery.planned(everybody)
    progress.say(f"{len(everybody)} visits booked; {len(calm) + 1} reminders are due first, {len(burst)} at once later")

    wait_for(lambda: not delivery.undelivered(calm), "the first reminders are sent")
    checks += [delivery.delivered(calm, "messages in the outbox"), delivery.asked_once(calm), delivery.punctual(calm)]
    progress.say(f"{len(calm)} reminders went out; the one whose provider fails is retried; waiting for the many")

    killed = kill_a_busy_worker([visit.job for visit in burst], PATIENCE_S)
    progress.say(f"a worker ({killed.pid}) was killed (-9) while it ran {len(killed.jobs)} of these jobs")
    wait_for(lambda: not delivery.undelivered(burst), "the jobs of the killed worker are done")
    checks += [*rescuing.rescued(killed), delivery.delivered(burst, "messages of the many in the outbox")]
    progress.say(f"all {len(burst)} went out; waiting for the failing one to use up its attempts")

    wait_for(lambda: failing.has_failed(failing_visit.job), "the failing reminder is a failed job")
    checks += failing.waits(failing_visit.job)
    progress.say("it has failed; its provider is healed, and staff retry it")
    visits.heal(misbehaving)
    checks += failing.retry_through_the_admin(base, failing_visit.job, _passwords(made))
    wait_for(lambda: not delivery.undelivered([failing_visit]), "the retried reminder is sent")
    checks.append(delivery.delivered([failing_visit], "the retried one's message in the outbox"))
    progress.say("it went out")

    checks += counting.counts_add_up()
    checks.append(counting.ended_once([visit.job for visit in (*calm, *burst)], failing_visit.job))
    checks.append(counting.nothing_left_over())


def _passwords(made: DemoSummary) -> Mapping[str, str]:
    return {login.username: login.password for login in made.logins}

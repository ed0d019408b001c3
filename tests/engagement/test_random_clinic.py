"""Random days of a clinic: booking, moving, cancelling, opting out, providers failing, workers dying and being late.

Whatever happens, no message is about a visit that is gone, none comes at or after its visit, and none goes twice.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import transaction
from hypothesis import given, settings
from hypothesis import strategies as st

from engagement.channels import registry
from engagement.channels.interface import CannotTell, Lookup, Message
from engagement.job_data import AppointmentReminderData
from engagement.models import Appointment, Delivery, Patient, Reminder
from engagement.outcomes import Accepted, Ambiguous, OptedOut, Outcome, PermanentRecipient, Transient
from engagement.services import booking, consents
from engagement.services.sending.reminder import send_reminder
from engagement.services.sending.results import Finished, GaveUp, Look, PutOff, TryAgain
from engagement.terms import POSSIBLY_SENT, AppointmentStatus, Channel, ConsentDecision
from queues.models import Job
from tests.engagement.factories import clinic, patient

pytestmark = pytest.mark.django_db

ATTEMPTS = 5
LENGTH = timedelta(minutes=30)


class Killed(BaseException):
    """The worker is gone."""


class Wrong(BaseException):
    """What must never happen; no code under test may catch it."""


@dataclass
class World:
    """The clinic's day, and what left it."""

    now: datetime
    patients: list[Patient]
    mode: str = "accept"
    #: Keys of the messages that left, in order.
    left: list[str] = field(default_factory=list)
    #: Job -> attempts that it has spent, and when it is to run again (None: it has ended).
    spent: dict[UUID, int] = field(default_factory=dict)
    again: dict[UUID, datetime | None] = field(default_factory=dict)


class Oracle:
    """An adapter that does as the world says, and checks each message at the moment it leaves."""

    world: World

    def __init__(self, options: Mapping[str, Any]) -> None:
        """There is nothing to set."""

    def send(self, message: Message) -> Outcome:
        world = self.world
        match world.mode:
            case "transient":
                return Transient("503")
            case "recipient":
                return PermanentRecipient("no-such-address")
            case "opted-out":
                return OptedOut("stop")
        self._leaves(message)
        if world.mode == "kill":
            raise Killed
        return Ambiguous("timeout") if world.mode == "ambiguous" else Accepted("ok")

    def _leaves(self, message: Message) -> None:
        _, appointment_id, version, _, _ = message.idempotency_key.split(":")
        visit = Appointment.objects.get(id=appointment_id)
        if visit.status != AppointmentStatus.BOOKED or visit.schedule_version != int(version):
            raise Wrong(f"{message.idempotency_key} is about a visit that is gone")
        if visit.start is None or self.world.now >= visit.start:
            raise Wrong(f"{message.idempotency_key} comes after its visit")
        if message.idempotency_key in self.world.left:
            raise Wrong(f"{message.idempotency_key} goes a second time")
        self.world.left.append(message.idempotency_key)

    def lookup(self, idempotency_key: str) -> Lookup:
        return CannotTell()


def run_job(world: World, job: Job) -> None:
    """One attempt, as the queue would account for it; a killed one gives its attempt back."""
    attempt = world.spent.get(job.id, 0) + 1
    look = Look(job.id, 1, last_attempt=attempt >= ATTEMPTS)
    try:
        result = send_reminder(AppointmentReminderData.model_validate(job.data), look, lambda: world.now)
    except Killed:
        world.again[job.id] = world.now
        return
    match result:
        case Finished() | GaveUp():
            world.again[job.id] = None
        case PutOff(until, _):
            assert until > world.now
            world.again[job.id] = until
        case TryAgain() if attempt >= ATTEMPTS:
            world.again[job.id] = None
        case TryAgain():
            world.spent[job.id] = attempt
            world.again[job.id] = world.now + timedelta(seconds=2 ** (attempt - 1))


def run_due(world: World) -> None:
    """Run what is due, until nothing is."""
    for _ in range(50):
        due = [
            job
            for job in Job.objects.exclude(state="cancelled").order_by("run_at")
            if (when := world.again.get(job.id, job.run_at)) is not None and when <= world.now
        ]
        if not due:
            return
        for job in due:
            run_job(world, job)


def book(world: World, number: int, minutes: int) -> None:
    who = world.patients[number % len(world.patients)]
    start = world.now + timedelta(minutes=minutes)
    booking.book(workplace=who.workplace, patient=who, start=start, end=start + LENGTH, now=world.now)


def move(world: World, number: int, minutes: int) -> None:
    visit = some_visit(number)
    if visit is not None and visit.status == AppointmentStatus.BOOKED:
        start = world.now + timedelta(minutes=minutes)
        booking.reschedule(visit.id, start=start, end=start + LENGTH, now=world.now)


def cancel(world: World, number: int, _: int) -> None:
    visit = some_visit(number)
    if visit is not None and visit.status in booking.OPEN:
        booking.cancel(visit.id, reason="asked", now=world.now)


def arrive(_world: World, number: int, _: int) -> None:
    visit = some_visit(number)
    if visit is not None and visit.status == AppointmentStatus.BOOKED:
        Appointment.objects.filter(id=visit.id).update(status=AppointmentStatus.ARRIVED)


def opt_out(world: World, number: int, _: int) -> None:
    who = world.patients[number % len(world.patients)]
    consents.record(who, Channel.SMS, ConsentDecision.DENY, decided_at=world.now)


def change_provider(world: World, number: int, _: int) -> None:
    modes = ("accept", "transient", "ambiguous", "recipient", "opted-out", "kill")
    world.mode = modes[number % len(modes)]


def work(world: World, _: int, minutes: int) -> None:
    """Time passes while workers look every few minutes."""
    for _step in range(8):
        world.now += timedelta(minutes=minutes / 8)
        run_due(world)


def sleep(world: World, _: int, minutes: int) -> None:
    """Time passes while no worker looks; then they do."""
    world.now += timedelta(minutes=minutes)
    run_due(world)


def deliver_again(world: World, number: int, _: int) -> None:
    """A job comes once more, whatever has become of it: even one that was cancelled."""
    jobs = list(Job.objects.order_by("id"))
    if jobs:
        run_job(world, jobs[number % len(jobs)])


def some_visit(number: int) -> Appointment | None:
    visits = list(Appointment.objects.order_by("id"))
    return visits[number % len(visits)] if visits else None


deeds = st.tuples(
    st.sampled_from([book, book, move, cancel, arrive, opt_out, change_provider, work, work, sleep, deliver_again]),
    st.integers(0, 11),
    st.sampled_from([1, 10, 14, 16, 60, 119, 121, 300, 700, 1439, 1441, 2000, 3000]),
)


@settings(max_examples=60)
@given(day=st.lists(deeds, min_size=3, max_size=14))
def test_no_message_for_what_is_gone_and_none_twice(day: list[Any]) -> None:
    example = transaction.atomic()
    # Durable blocks may stand in it, as in the one that a test runs in.
    vars(example)["_from_testcase"] = True
    with pytest.MonkeyPatch.context() as patch, example:
        patch.setitem(registry.ADAPTERS, "oracle", Oracle)
        workplace = clinic(providers={channel: {"adapter": "oracle"} for channel in ("email", "sms")})
        world = Oracle.world = World(datetime.now(UTC) + timedelta(minutes=1), [patient(workplace) for _ in range(2)])
        for deed, number, minutes in day:
            deed(world, number, minutes)
        world.mode = "accept"
        work(world, 0, 10_000)
        check(world)
        transaction.set_rollback(True)


def check(world: World) -> None:
    """At rest: every message that left is on record as possibly sent, and nothing is left open."""
    possibly = set(Delivery.objects.filter(status__in=POSSIBLY_SENT).values_list("idempotency_key", flat=True))
    assert set(world.left) == possibly
    assert not Delivery.objects.filter(status__in=["sending", "pending"]).exists()
    assert not Reminder.objects.filter(status="planned").exclude(deliveries__status="failed").exists()
    for reminder in Reminder.objects.filter(status="done"):
        assert reminder.deliveries.filter(status__in=POSSIBLY_SENT).exists()

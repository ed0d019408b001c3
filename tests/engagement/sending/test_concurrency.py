"""Two at once: jobs of one reminder, reminders of one patient, booking against sending; each on its own connection."""

import threading
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection, transaction

from engagement.channels import registry
from engagement.channels.interface import CannotTell, Lookup, Message
from engagement.models import Delivery, OutboxMessage, Reminder
from engagement.outcomes import Accepted, Outcome
from engagement.services import booking
from engagement.services.sending.results import Finished, PutOff
from tests.engagement.factories import NOON, appointment, clinic, patient, planned, reminder, send, statuses

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(*actions: Callable[[], Any]) -> list[Any]:
    """Run all in threads of their own, started together."""
    gate = threading.Barrier(len(actions))

    def run(action: Callable[[], Any]) -> Any:
        try:
            gate.wait(10)
            return action()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(actions)) as pool:
        return list(pool.map(run, actions))


def test_eight_jobs_about_one_reminder_send_it_once() -> None:
    due = planned()
    at_once(*(lambda: send(due, job_id=uuid4()) for _ in range(8)))
    assert statuses(due) == {"email": "sent", "sms": "sent"}
    assert OutboxMessage.objects.count() == 2


def test_reminders_of_one_patient_share_the_days_cap() -> None:
    # Given a cap of three and five reminders at the same moment
    who = patient(clinic(rules={"daily_caps": {"appointment": 3}}))
    visits = [reminder(appointment(who, NOON + timedelta(minutes=number)), channels=["email"]) for number in range(5)]

    # When
    at_once(*(lambda due=due: send(due) for due in visits))

    # Then
    assert OutboxMessage.objects.count() == 3
    assert sorted(Delivery.objects.values_list("status", flat=True)) == ["sent"] * 3 + ["skipped"] * 2


def test_a_long_transaction_of_the_clinics_holds_up_no_worker_and_costs_no_attempt(settings: Any) -> None:
    # Given a clinic that moves a visit in a transaction that does not end
    settings.ENGAGEMENT = {"lock_wait_s": 0.2}
    due = planned()
    booked, looked = threading.Event(), threading.Event()

    def rebook_slowly() -> None:
        with transaction.atomic():
            assert due.appointment_id is not None
            start = NOON + timedelta(days=1)
            booking.reschedule(due.appointment_id, start=start, end=start + timedelta(hours=1), now=due.planned_for)
            booked.set()
            assert looked.wait(10)

    def look() -> Any:
        assert booked.wait(10)
        result = send(due)
        looked.set()
        return result

    # When
    _, result = at_once(rebook_slowly, look)

    # Then it comes again soon, and then finds its visit moved
    assert result == PutOff(due.planned_for + timedelta(seconds=10), "somebody is booking")
    assert isinstance(send(due), Finished)
    assert set(statuses(due).values()) == {"skipped superseded"}


class Slow:
    """Sends when it is told to, and says that it has begun."""

    begun, go = threading.Event(), threading.Event()

    def __init__(self, options: Mapping[str, Any]) -> None:
        """There is nothing to set."""

    def send(self, message: Message) -> Outcome:
        self.begun.set()
        assert self.go.wait(10)
        return Accepted("slow")

    def lookup(self, idempotency_key: str) -> Lookup:
        return CannotTell()


def test_nobody_waits_for_a_provider_to_cancel_a_visit(monkeypatch: pytest.MonkeyPatch) -> None:
    # Given a reminder whose provider takes its time, with an SMS to follow
    monkeypatch.setitem(registry.ADAPTERS, "slow", Slow)
    Slow.begun.clear()
    Slow.go.clear()
    due = planned(providers={"email": {"adapter": "slow"}})

    def cancel_meanwhile() -> None:
        assert Slow.begun.wait(10)
        assert due.appointment_id is not None
        booking.cancel(due.appointment_id, reason="asked", now=due.planned_for)
        Slow.go.set()

    # When the visit is cancelled while the email is on its way
    at_once(lambda: send(due), cancel_meanwhile)

    # Then what had left is on record as sent, and the SMS is not sent any more
    assert statuses(due) == {"email": "sent", "sms": "skipped superseded"}
    assert Reminder.objects.get(id=due.id).status == "revoked"
    assert not OutboxMessage.objects.exists()

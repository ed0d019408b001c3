"""Names, numbers, addresses and texts stay in their tables: not in jobs, errors, logs or deliveries."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from engagement import actors
from engagement.channels import registry
from engagement.channels.interface import Lookup, Message
from engagement.models import Delivery, DeliveryAttempt, FollowUpTask, Reminder
from engagement.outcomes import Outcome
from engagement.queues import QueueName
from engagement.services import booking, contacts
from engagement.terms import ContactSystem
from queues.models import Job, JobAttempt, JobLog
from queues.testing import StartWorker, declare, queue_servers, wait_for, worker
from tests.engagement.factories import clinic, patient

pytestmark = pytest.mark.django_db(transaction=True)

__all__ = ["declare", "queue_servers", "worker"]

CANARIES = ("Canaryname", "canary.address@example.org", "+4915155501234")


class Chatty:
    """A provider's client whose errors quote whom and what it was to send; it cannot be asked either."""

    def __init__(self, options: Mapping[str, Any]) -> None:
        """There is nothing to set."""

    def send(self, message: Message) -> Outcome:
        raise RuntimeError(f"cannot reach {message.recipient}: {message.body}")

    def lookup(self, idempotency_key: str) -> Lookup:
        raise ConnectionError(f"no answer about {CANARIES[1]}")


def test_a_providers_errors_leave_no_trace_of_the_patient(
    worker: StartWorker, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, capfd: Any
) -> None:
    # Given a patient whose name, address and number are easily found
    monkeypatch.setitem(registry.ADAPTERS, "chatty", Chatty)
    who = patient(
        clinic(providers={"email": {"adapter": "chatty"}, "whatsapp": {"adapter": "chatty"}}),
        given_name=CANARIES[0],
        family_name=CANARIES[0],
        preferred_channels=["email", "whatsapp"],
        timezone="UTC",
    )
    who.contacts.all().delete()
    contacts.add(who, ContactSystem.EMAIL, CANARIES[1])
    contacts.add(who, ContactSystem.WHATSAPP, CANARIES[2])
    start = datetime.now(UTC) + timedelta(hours=24, seconds=0.5)

    # When its job fails all of its attempts
    visit = booking.book(workplace=who.workplace, patient=who, start=start, end=start + timedelta(minutes=5))
    job_id = visit.reminders.earliest("planned_for").job_id
    worker(threads=1, queues=[actors.CONFIGS[QueueName.APPOINTMENT_REMINDER].name])
    wait_for(lambda: Job.objects.filter(id=job_id, state="failed").exists(), 40)

    # Then no log and no row but the patient's own knows them
    rows = [
        *Job.objects.values(),
        *JobAttempt.objects.values(),
        *JobLog.objects.values(),
        *Delivery.objects.values(),
        *DeliveryAttempt.objects.values(),
        *Reminder.objects.values(),
        *FollowUpTask.objects.values(),
    ]
    told = json.dumps(rows, default=str) + caplog.text + "".join(capfd.readouterr())
    assert str(job_id) in told
    for canary in CANARIES:
        assert canary not in told

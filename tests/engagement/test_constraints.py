"""What the database itself refuses, whoever writes."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.utils import timezone

from engagement.models import (
    Appointment,
    ChannelHold,
    Consent,
    ContactPoint,
    Delivery,
    DeliveryAttempt,
    FollowUpTask,
    OutboxMessage,
    Reminder,
    StaffMembership,
    Workplace,
)
from engagement.terms import ReminderType
from tests.engagement.factories import NOON, appointment, clinic, patient, planned

pytestmark = pytest.mark.django_db


def refused(action: Any) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        action()
        connection.check_constraints()


@pytest.mark.parametrize(
    "change",
    [
        {"end": NOON},
        {"end": None},
        {"start": None, "end": None},
        {"status": "on-hold"},
        {"booked_at": None},
        {"schedule_version": 0},
    ],
)
def test_appointments(change: dict[str, Any]) -> None:
    visit = appointment(patient(clinic()))
    refused(lambda: Appointment.objects.filter(id=visit.id).update(**change))


@pytest.mark.parametrize("status", ["proposed", "waitlist", "cancelled"])
def test_times_may_be_missing_while_an_appointment_has_none(status: str) -> None:
    visit = appointment(patient(clinic()))
    Appointment.objects.filter(id=visit.id).update(status=status, start=None, end=None)


@pytest.mark.parametrize(
    "values",
    [
        {"system": "phone", "value": "030 901820"},
        {"system": "sms", "value": "+0301"},
        {"system": "email", "value": "kim at example.org"},
        {"system": "fax", "value": "+49301"},
        {"system": "push", "value": "token", "rank": 0},
        {"system": "push", "value": "token", "use": "new"},
        {"system": "push", "value": "token", "invalid_at": NOON},
        {"system": "push", "value": "token", "invalid_reason": "30005"},
    ],
)
def test_contacts(values: dict[str, Any]) -> None:
    who = patient(clinic())
    refused(lambda: ContactPoint.objects.create(patient=who, **values))


def test_the_same_contact_once() -> None:
    who = patient(clinic())
    email = who.contacts.get(system="email")
    refused(lambda: ContactPoint.objects.create(patient=who, system="email", value=email.value, rank=2))


def test_consents_are_append_only() -> None:
    said = Consent.objects.filter(patient=patient(clinic())).first()
    assert said is not None
    with pytest.raises(DatabaseError, match="never changed"), transaction.atomic():
        Consent.objects.filter(id=said.id).update(decision="deny")


@pytest.mark.parametrize(
    "change",
    [
        {"status": "skipped"},
        {"status": "revoked"},
        {"status": "sent"},
        {"channels": []},
        {"channels": ["fax"]},
        {"appointment": None},
    ],
)
def test_reminders(change: dict[str, Any]) -> None:
    due = planned()
    refused(lambda: Reminder.objects.filter(id=due.id).update(**change))


def test_one_reminder_for_each_version_and_type() -> None:
    due = planned()
    due.pk = None
    due.id = Reminder().id
    refused(lambda: due.save(force_insert=True))


@pytest.mark.parametrize("status", ["sending", "sent", "delivered", "failed", "skipped", "unknown", "lost"])
def test_a_delivery_says_what_its_status_needs(status: str) -> None:
    due = planned()
    refused(
        lambda: Delivery.objects.create(
            reminder=due, workplace=due.workplace, channel="sms", idempotency_key="k", status=status
        )
    )


def test_one_delivery_for_each_key_and_for_each_channel() -> None:
    first, second = planned(), planned()
    make = Delivery.objects.create
    make(reminder=first, workplace=first.workplace, channel="sms", idempotency_key="k")
    refused(lambda: make(reminder=second, workplace=second.workplace, channel="sms", idempotency_key="k"))
    refused(lambda: make(reminder=first, workplace=first.workplace, channel="sms", idempotency_key="other"))


def test_attempts_are_numbered_once_and_answered_whole() -> None:
    due = planned()
    delivery = Delivery.objects.create(reminder=due, workplace=due.workplace, channel="sms", idempotency_key="k")
    DeliveryAttempt.objects.create(delivery=delivery, number=1, started_at=NOON)
    for values in (
        {"number": 1},
        {"number": 0},
        {"number": 2, "outcome": "accepted"},
        {"number": 2, "finished_at": NOON},
    ):
        refused(lambda values=values: DeliveryAttempt.objects.create(delivery=delivery, started_at=NOON, **values))


def test_rows_of_two_workplaces_never_join() -> None:
    one, other = patient(clinic()), patient(clinic())
    refused(lambda: appointment(one, workplace=other.workplace))
    visit = appointment(one)
    for joined in ({"patient": other}, {"workplace": other.workplace, "patient": other}):
        values = {"workplace": one.workplace, "patient": one} | joined
        refused(
            lambda values=values: Reminder.objects.create(
                appointment=visit, reminder_type="2h", channels=["sms"], planned_for=NOON, **values
            )
        )
    refused(
        lambda: FollowUpTask.objects.create(
            workplace=other.workplace, patient=one, reason="phone-patient", about="x", due_at=NOON
        )
    )


def test_one_task_for_each_patient_reason_and_subject() -> None:
    who = patient(clinic())
    values = {"workplace": who.workplace, "patient": who, "reason": "phone-patient", "about": "x", "due_at": NOON}
    FollowUpTask.objects.create(**values)
    refused(lambda: FollowUpTask.objects.create(**values))


def test_one_open_hold_for_each_channel() -> None:
    values = {"workplace": clinic(), "channel": "sms", "provider_code": "20003", "since": NOON}
    hold = ChannelHold.objects.create(**values)
    refused(lambda: ChannelHold.objects.create(**values))
    ChannelHold.objects.filter(id=hold.id).update(released_at=NOON + timedelta(hours=1))
    ChannelHold.objects.create(**values)


def test_one_outbox_message_for_each_key() -> None:
    values = {"workplace": clinic(), "channel": "sms", "recipient": "x", "body": "y", "language": "en"}
    OutboxMessage.objects.create(idempotency_key="k", **values)
    refused(lambda: OutboxMessage.objects.create(idempotency_key="k", **values))


def test_one_membership_for_each_workplace(django_user_model: Any) -> None:
    values = {"user": django_user_model.objects.create(username="kim"), "workplace": clinic()}
    StaffMembership.objects.create(**values)
    refused(lambda: StaffMembership.objects.create(**values))
    refused(lambda: StaffMembership.objects.update(role="owner"))


@pytest.mark.parametrize(
    ("rules", "named"),
    [
        ({"daily_cap": 3}, "daily_cap"),
        ({"sending_window": {"opens": "25:00"}}, "opens"),
        ({"timing": {"24h": {"late_minutes": -1, "deferral_minutes": 1}}}, "late_minutes"),
        ({"reminder_channels": []}, "reminder_channels"),
    ],
)
def test_a_workplaces_rules_are_checked_by_name(rules: dict[str, Any], named: str) -> None:
    with pytest.raises(ValidationError, match=named):
        Workplace(name="x", slug="x", timezone="UTC", phone="1", rules=rules).full_clean()


@pytest.mark.parametrize(
    ("providers", "named"), [([], "object"), ({"fax": {"adapter": "outbox"}}, "fax"), ({"sms": {"mode": "x"}}, "sms")]
)
def test_a_workplaces_providers_are_checked_by_name(providers: Any, named: str) -> None:
    with pytest.raises(ValidationError, match=named):
        Workplace(name="x", slug="x", timezone="UTC", phone="1", providers=providers).full_clean()


def test_a_zone_that_does_not_exist_is_refused() -> None:
    with pytest.raises(ValidationError, match="IANA"):
        Workplace(name="x", slug="x", timezone="Mars/Olympus", phone="1").full_clean()


def test_a_workplace_changes_one_rule_and_keeps_the_other_defaults() -> None:
    policy = clinic(
        rules={"timing": {"24h": {"late_minutes": 5, "deferral_minutes": 5}}, "daily_caps": {"medication": 1}}
    ).policy
    assert policy.timing[ReminderType.DAY].late_minutes == 5
    assert policy.timing[ReminderType.TWO_HOURS].late_minutes == 20
    assert policy.daily_caps == {"appointment": 6, "medication": 1}
    assert timezone.is_aware(NOON)

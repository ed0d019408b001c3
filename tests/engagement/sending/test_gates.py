"""Every gate, one after the other: closed, it skips with its reason, and the job has succeeded."""

from datetime import timedelta
from typing import Any

import pytest

from engagement.models import Delivery, OutboxMessage, Reminder
from engagement.reasons import SkipReason
from engagement.services import consents, contacts
from engagement.services.sending.results import Finished, PutOff
from engagement.terms import AppointmentStatus, Channel, ConsentDecision, ContactSystem, ReminderStatus, ReminderType
from tests.engagement.factories import NOON, appointment, clinic, patient, planned, reminder, send, statuses

pytestmark = pytest.mark.django_db


def test_nothing_closed_sends_on_both_channels_once() -> None:
    # Given
    due = planned()

    # When
    result = send(due)

    # Then
    assert result == Finished(channels={Channel.EMAIL: "sent", Channel.SMS: "sent"})
    assert statuses(due) == {"email": "sent", "sms": "sent"}
    assert OutboxMessage.objects.count() == 2
    due.refresh_from_db()
    assert due.status == ReminderStatus.DONE


@pytest.mark.parametrize(
    ("of", "values", "reason"),
    [
        ("workplace", {"active": False}, SkipReason.WORKPLACE_INACTIVE),
        ("patient", {"active": False}, SkipReason.PATIENT_INACTIVE),
        ("patient", {"deceased_at": NOON - timedelta(days=3)}, SkipReason.DECEASED),
        ("appointment", {"schedule_version": 2}, SkipReason.SUPERSEDED),
        *(
            ("appointment", {"status": status}, SkipReason.SUPERSEDED)
            for status in AppointmentStatus
            if status != "booked"
        ),
    ],
)
def test_the_reminders_own_gates(of: str, values: dict[str, Any], reason: SkipReason) -> None:
    # Given
    due = planned()
    row = getattr(due, of)
    type(row).objects.filter(id=row.id).update(**values)

    # When
    result = send(due)

    # Then
    assert isinstance(result, Finished)
    assert result.reason == reason
    assert set(statuses(due).values()) == {f"skipped {reason}"}
    assert not OutboxMessage.objects.exists()
    due.refresh_from_db()
    assert (due.status, due.reason) == (ReminderStatus.SKIPPED, reason)


@pytest.mark.parametrize(
    ("kind", "minutes"), [(ReminderType.DAY, 120), (ReminderType.TWO_HOURS, 20), (ReminderType.QUARTER, 5)]
)
def test_late(kind: ReminderType, minutes: int) -> None:
    # Given two reminders, one looked at at the edge of its tolerance, one a second after it
    in_time, late = planned(kind=kind), planned(kind=kind)

    # When
    send(in_time, in_time.planned_for + timedelta(minutes=minutes))
    send(late, late.planned_for + timedelta(minutes=minutes, seconds=1))

    # Then
    assert set(statuses(in_time).values()) == {"sent"}
    assert set(statuses(late).values()) == {"skipped late"}


@pytest.mark.parametrize("after", [timedelta(0), timedelta(hours=5)])
def test_never_at_or_after_the_visit_however_long_the_outage(after: timedelta) -> None:
    due = planned(rules={"timing": {"15min": {"late_minutes": 9999, "deferral_minutes": 0}}}, kind=ReminderType.QUARTER)
    send(due, NOON + after)
    assert set(statuses(due).values()) == {"skipped late"}


def test_a_channel_without_contact_is_skipped_and_the_other_sent() -> None:
    due = planned(channels=("email", "push"))
    send(due)
    assert statuses(due) == {"email": "sent", "push": "skipped no-contact"}
    due.refresh_from_db()
    assert due.status == ReminderStatus.DONE


def test_an_invalid_contact() -> None:
    # Given
    due = planned(channels=["email"])
    contacts.mark_invalid(due.patient.contacts.get(system="email"), reason="5.1.1", now=NOON)

    # When
    send(due)

    # Then
    assert statuses(due) == {"email": "skipped contact-invalid"}


def test_no_consent_means_no_for_all_but_email() -> None:
    # Given somebody who was never asked, reachable everywhere
    due = planned(channels=("email", "sms", "push", "whatsapp"), said=())
    contacts.add(due.patient, ContactSystem.PUSH, "device-token")

    # When
    send(due)

    # Then
    assert statuses(due) == {
        "email": "sent", "sms": "skipped no-consent", "push": "skipped no-consent", "whatsapp": "skipped no-consent",
    }  # fmt: skip


def test_opted_out() -> None:
    due = planned(channels=("email", "sms"))
    consents.record(due.patient, Channel.EMAIL, ConsentDecision.DENY, decided_at=NOON - timedelta(days=1))
    send(due)
    assert statuses(due) == {"email": "skipped opted-out", "sms": "sent"}


def test_quiet_hours_defer_what_can_wait_and_spend_no_attempt() -> None:
    # Given a reminder that is due at 02:00 of a visit at 02:00 the next day
    due = planned(start=NOON.replace(hour=2), kind=ReminderType.DAY)
    opening = due.planned_for + timedelta(hours=6)

    # When
    result = send(due)

    # Then email has gone, and the job waits for 08:00
    assert result == PutOff(opening, "quiet hours")
    assert statuses(due) == {"email": "sent", "sms": "pending"}

    # When
    send(due, opening)

    # Then
    assert statuses(due) == {"email": "sent", "sms": "sent"}
    assert OutboxMessage.objects.count() == 2


def test_quiet_hours_that_end_too_late_skip_the_channel() -> None:
    due = planned(start=NOON.replace(hour=8, minute=10), kind=ReminderType.TWO_HOURS)
    assert isinstance(send(due), Finished)
    assert statuses(due) == {"email": "sent", "sms": "skipped quiet-hours"}


def test_quiet_hours_go_by_the_patients_zone() -> None:
    # Given a visit at noon in Berlin, of somebody who lives where it is 04:00 when the reminder is due
    due = planned(timezone="America/New_York", kind=ReminderType.TWO_HOURS)

    # When
    send(due)

    # Then 08:00 in New York is after the visit
    assert statuses(due) == {"email": "sent", "sms": "skipped quiet-hours"}


def test_the_days_cap_counts_what_may_have_been_sent() -> None:
    # Given a workplace that allows two appointment messages a day
    workplace = clinic(rules={"daily_caps": {"appointment": 2}})
    who = patient(workplace)
    first, second = (reminder(appointment(who, NOON + timedelta(minutes=minutes))) for minutes in (0, 5))

    # When
    send(first)
    send(second)

    # Then
    assert set(statuses(first).values()) == {"sent"}
    assert set(statuses(second).values()) == {"skipped cap-reached"}


def test_six_messages_a_day_are_the_default_cap() -> None:
    who = patient(clinic())
    visits = [reminder(appointment(who, NOON + timedelta(minutes=number))) for number in range(4)]
    for visit in visits:
        send(visit)
    assert Delivery.objects.filter(status="sent").count() == 6
    assert set(statuses(visits[3]).values()) == {"skipped cap-reached"}


def test_yesterdays_messages_and_other_patients_do_not_count() -> None:
    # Given somebody whose cap was used up yesterday, and somebody else's today
    workplace = clinic(rules={"daily_caps": {"appointment": 2}})
    who, other = patient(workplace), patient(workplace)
    send(reminder(appointment(who, NOON - timedelta(days=1))))
    send(reminder(appointment(other, NOON)))

    # When
    today = reminder(appointment(who, NOON))
    send(today)

    # Then
    assert set(statuses(today).values()) == {"sent"}


def test_what_one_channel_skipped_is_looked_at_again_though_another_was_sent() -> None:
    # Given a reminder that went by email only, because nobody had asked the patient about SMS
    due = planned(said=())
    send(due)
    consents.record(due.patient, Channel.SMS, ConsentDecision.PERMIT, decided_at=NOON)

    # When
    send(due, run=2)

    # Then
    assert statuses(due) == {"email": "sent", "sms": "sent"}
    assert OutboxMessage.objects.count() == 2


def test_skipped_is_looked_at_again_by_a_new_run_only() -> None:
    # Given a reminder that was skipped because nobody had asked the patient
    due = planned(channels=["sms"], said=())
    send(due)
    consents.record(due.patient, Channel.SMS, ConsentDecision.PERMIT, decided_at=NOON)

    # When the same run comes again, nothing changes; when staff run it anew, it looks again
    send(due, attempt=2)
    assert statuses(due) == {"sms": "skipped no-consent"}
    send(due, run=2)

    # Then
    assert statuses(due) == {"sms": "sent"}
    assert Reminder.objects.get(id=due.id).status == ReminderStatus.DONE

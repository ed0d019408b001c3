"""A clinic to test with: small, real rows, one function each."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from itertools import count
from typing import Any
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

from engagement.job_data import AppointmentReminderData
from engagement.models import Appointment, DeliveryAttempt, FollowUpTask, Patient, Reminder, Workplace
from engagement.rules.due_times import due_time
from engagement.services import consents, contacts
from engagement.services.sending.reminder import send_reminder
from engagement.services.sending.results import Look, Result
from engagement.terms import (
    AppointmentStatus,
    Channel,
    ConsentDecision,
    ContactSystem,
    ContactUse,
    ReminderType,
)

BERLIN = ZoneInfo("Europe/Berlin")
#: An ordinary noon, far from any change of the clock.
NOON = datetime(2026, 6, 2, 12, tzinfo=BERLIN)
_number = count(1)


def clinic(**values: Any) -> Workplace:
    """A workplace in Berlin."""
    number = next(_number)
    given = {"name": f"Clinic {number}", "slug": f"clinic-{number}", "timezone": "Europe/Berlin", "phone": "+49 30 1"}
    return Workplace.objects.create(**given | values)


def patient(workplace: Workplace, *, said: Iterable[str] = ("sms", "whatsapp", "push"), **values: Any) -> Patient:
    """A patient with an email address and a mobile phone, who agreed to the channels in ``said``."""
    number = next(_number)
    made = Patient.objects.create(
        workplace=workplace, **{"given_name": "Kim", "family_name": f"Example {number}", "language": "en"} | values
    )
    contacts.add(made, ContactSystem.EMAIL, f"kim{number}@example.org")
    contacts.add(made, ContactSystem.PHONE, f"+4915112{number:06}", use=ContactUse.MOBILE)
    for channel in said:
        consents.record(made, Channel(channel), ConsentDecision.PERMIT, decided_at=NOON - timedelta(days=90))
    return made


def appointment(who: Patient, start: datetime = NOON, **values: Any) -> Appointment:
    """A booked visit of half an hour, without reminders."""
    given = {
        "workplace": who.workplace,
        "status": AppointmentStatus.BOOKED,
        "booked_at": start - timedelta(days=30),
        "end": start + timedelta(minutes=30),
    }
    return Appointment.objects.create(patient=who, start=start, **given | values)


def reminder(
    visit: Appointment, kind: ReminderType = ReminderType.TWO_HOURS, channels: Iterable[str] = ("email", "sms")
) -> Reminder:
    """A planned reminder of a visit, with the id of a job that need not exist."""
    assert visit.start is not None
    return Reminder.objects.create(
        workplace=visit.workplace,
        patient=visit.patient,
        reminder_type=kind,
        appointment=visit,
        schedule_version=visit.schedule_version,
        channels=list(channels),
        planned_for=due_time(visit.start, kind),
        job_id=uuid4(),
    )


def planned(
    *, start: datetime = NOON, kind: ReminderType = ReminderType.TWO_HOURS, channels: Iterable[str] = ("email", "sms"),
    providers: dict[str, Any] | None = None, rules: dict[str, Any] | None = None, **who: Any,
) -> Reminder:  # fmt: skip
    """A reminder with everything that it needs."""
    workplace = clinic(providers=providers or {}, rules=rules or {})
    return reminder(appointment(patient(workplace, **who), start), kind, channels)


def data_of(planned_reminder: Reminder) -> AppointmentReminderData:
    """The data of a reminder's job."""
    return AppointmentReminderData.model_validate(
        {
            "appointmentId": planned_reminder.appointment_id,
            "patientId": planned_reminder.patient_id,
            "workplaceId": planned_reminder.workplace_id,
            "reminderType": planned_reminder.reminder_type,
            "channels": planned_reminder.channels,
        }
    )


def send(
    planned_reminder: Reminder,
    now: datetime | None = None,
    *,
    attempt: int = 1,
    run: int = 1,
    job_id: UUID | None = None,
) -> Result:
    """One attempt (of five) of a reminder's job, at its due time unless ``now`` says otherwise."""
    look = Look(job_id or planned_reminder.job_id or uuid4(), run=run, last_attempt=attempt >= 5)
    at = now or planned_reminder.planned_for
    return send_reminder(data_of(planned_reminder), look, lambda: at)


def statuses(planned_reminder: Reminder) -> dict[str, str]:
    """How the reminder stands on each channel: status, and reason if there is one."""
    rows = planned_reminder.deliveries.values_list("channel", "status", "reason")
    return {channel: f"{status} {reason}".strip() for channel, status, reason in rows}


def misbehaving(mode: str, **options: Any) -> dict[str, Any]:
    """SMS through the failing adapter."""
    return {"sms": {"adapter": "failing", "mode": mode, **options}}


def answers(due: Reminder) -> list[tuple[int, str, str]]:
    """What the SMS provider answered, call by call: number, outcome, code."""
    rows = DeliveryAttempt.objects.filter(delivery__reminder=due, delivery__channel="sms")
    return list(rows.order_by("number").values_list("number", "outcome", "provider_code"))


def open_tasks() -> list[str]:
    """Reasons of the tasks that nobody has taken up."""
    return list(FollowUpTask.objects.filter(status="requested").order_by("reason").values_list("reason", flat=True))

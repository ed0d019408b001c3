"""Reading what the gates look at."""

from datetime import datetime
from uuid import UUID

import psycopg
from django.db import OperationalError, connection

from engagement.conf import engagement_settings
from engagement.models import Appointment, Delivery, Patient, Reminder
from engagement.reasons import SkipReason
from engagement.rules.gates import ChannelFacts, ReminderFacts, reminder_gate
from engagement.rules.local_time import day_bounds
from engagement.rules.sending_time import Occasion
from engagement.terms import (
    POSSIBLY_SENT,
    AppointmentStatus,
    Channel,
    ReminderKind,
    ReminderStatus,
    ReminderType,
)


def locked_reminder(reminder_id: UUID) -> Reminder:
    """A reminder with what it is about, in the current transaction, held in the order appointment, patient, reminder.

    The appointment's lock is the one that booking takes: between the gates and the claim nobody moves or cancels it.
    The patient's makes two reminders of one patient count each other towards the day's cap. Who waits too long for them
    is told so by the database (see :func:`is_busy`): a clinic's long transaction must not hold up every worker.
    """
    with connection.cursor() as cursor:
        wait_ms = int(engagement_settings().lock_wait_s * 1000)
        cursor.execute("SELECT set_config('lock_timeout', %s, true)", [f"{wait_ms}ms"])
    ids = Reminder.objects.values("appointment_id", "patient_id").get(id=reminder_id)
    appointment = Appointment.objects.select_for_update(no_key=True).get(id=ids["appointment_id"])
    patient = (
        Patient.objects.select_for_update(no_key=True, of=("self",))
        .select_related("workplace")
        .get(id=ids["patient_id"])
    )
    reminder = Reminder.objects.select_for_update(no_key=True).get(id=reminder_id)
    reminder.appointment, reminder.patient, reminder.workplace = appointment, patient, patient.workplace
    return reminder


def is_busy(error: OperationalError) -> bool:
    """Whether the database gave up waiting for somebody else's locks."""
    return isinstance(error.__cause__, psycopg.errors.LockNotAvailable | psycopg.errors.DeadlockDetected)


def appointment_of(reminder: Reminder) -> Appointment:
    """The appointment that an appointment reminder always has."""
    if reminder.appointment is None:
        raise ValueError("not a reminder of an appointment")
    return reminder.appointment


def reminder_closed(reminder: Reminder) -> SkipReason | None:
    """Why nothing of the reminder is to be sent, or None."""
    appointment, patient = appointment_of(reminder), reminder.patient
    return reminder_gate(
        ReminderFacts(
            workplace_active=reminder.workplace.active,
            patient_active=patient.active,
            deceased=patient.deceased_at is not None,
            current=appointment.status == AppointmentStatus.BOOKED
            and appointment.start is not None
            and appointment.schedule_version == reminder.schedule_version
            and reminder.status != ReminderStatus.REVOKED,
        )
    )


def channel_facts(reminder: Reminder, delivery: Delivery, now: datetime) -> ChannelFacts:
    """What the gates of one channel look at, for a reminder that is not closed."""
    channel = Channel(delivery.channel)
    patient, policy, kind = reminder.patient, reminder.workplace.policy, ReminderKind(reminder.kind)
    start = appointment_of(reminder).start
    if start is None:
        raise ValueError("a reminder that is not closed has an appointment with a start")
    occasion = Occasion(
        start=start,
        due=reminder.planned_for,
        timing=policy.timing[ReminderType(reminder.reminder_type)],
        zone=patient.zone,
        window=None if channel in policy.quiet_exempt else policy.sending_window,
        deferred_to=delivery.deferred_to,
    )
    return ChannelFacts(
        channel=channel,
        kind=kind,
        occasion=occasion,
        held=delivery.reason == SkipReason.CHANNEL_ON_HOLD,
        contacts=list(patient.contacts.all()),
        consents=list(patient.consents.filter(channel=channel)),
        default_permit=policy.default_permit,
        sent_today=sent_today(patient, kind, now),
        daily_cap=policy.daily_caps[kind],
    )


def sent_today(patient: Patient, kind: ReminderKind, now: datetime) -> int:
    """Messages of a kind that went, or may have gone, to the patient on this day of theirs."""
    begin, end = day_bounds(now, patient.zone)
    return Delivery.objects.filter(
        reminder__patient=patient,
        reminder__kind=kind,
        status__in=POSSIBLY_SENT,
        claimed_at__gte=begin,
        claimed_at__lt=end,
    ).count()

"""One planned message occasion."""

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from engagement.models.appointment import Appointment
from engagement.models.base import ClinicModel, choice, implies, one_of
from engagement.models.patient import Patient
from engagement.models.workplace import Workplace
from engagement.reasons import SkipReason
from engagement.terms import Channel, ReminderKind, ReminderStatus, ReminderType


class Reminder(ClinicModel):
    """What is to be sent, about what, and when; its deliveries say how that went on each channel."""

    workplace = models.ForeignKey(Workplace, on_delete=models.PROTECT, related_name="reminders")
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="reminders")
    kind = choice(ReminderKind, default=ReminderKind.APPOINTMENT)
    reminder_type = choice(ReminderType)
    appointment = models.ForeignKey(
        Appointment, on_delete=models.PROTECT, null=True, blank=True, related_name="reminders"
    )
    #: The appointment's version that it announces.
    schedule_version = models.PositiveIntegerField(default=1)
    channels = ArrayField(models.CharField(max_length=16, choices=Channel.choices))
    planned_for = models.DateTimeField()
    #: The job that sends it; jobs are pruned, so there is no foreign key.
    job_id = models.UUIDField(null=True, blank=True)
    status = choice(ReminderStatus, default=ReminderStatus.PLANNED)
    reason = models.CharField(max_length=64, blank=True, default="", choices=SkipReason.choices)
    created_at = models.DateTimeField(auto_now_add=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering: ClassVar = ["planned_for"]
        indexes: ClassVar = [
            models.Index(fields=["workplace", "planned_for"], name="reminder_calendar"),
            models.Index(fields=["job_id"], name="reminder_job"),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["appointment", "schedule_version", "reminder_type"], name="reminder_once"),
            models.UniqueConstraint(fields=["id", "workplace"], name="reminder_of_workplace"),
            one_of("kind", ReminderKind, "reminder_kind"),
            one_of("reminder_type", ReminderType, "reminder_type"),
            one_of("status", ReminderStatus, "reminder_status"),
            implies("reminder_about", Q(kind="appointment"), Q(appointment__isnull=False)),
            implies("reminder_why", Q(status__in=["skipped", "revoked"]), ~Q(reason="")),
            models.CheckConstraint(
                name="reminder_channels", condition=Q(channels__len__gte=1, channels__contained_by=Channel.values)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_reminder_type_display()} ({self.status})"

"""A visit, from proposal to its end."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from engagement.models.base import ClinicModel, choice, implies, one_of
from engagement.models.patient import Patient
from engagement.models.workplace import Workplace
from engagement.terms import AppointmentStatus

#: Statuses in which a time may still, or no longer, be missing.
TIMELESS = ("proposed", "waitlist", "cancelled")


class Appointment(ClinicModel):
    """A patient's visit; written through :mod:`engagement.services.booking`, which keeps its reminders in step."""

    workplace = models.ForeignKey(Workplace, on_delete=models.PROTECT, related_name="appointments")
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="appointments")
    status = choice(AppointmentStatus, default=AppointmentStatus.BOOKED)
    start = models.DateTimeField(null=True, blank=True)
    end = models.DateTimeField(null=True, blank=True)
    booked_at = models.DateTimeField(null=True, blank=True)
    #: One more each time that the start changes; a reminder of an older version is never sent.
    schedule_version = models.PositiveIntegerField(default=1)
    practitioner = models.CharField(max_length=200, blank=True, default="")
    cancellation_reason = models.CharField(max_length=200, blank=True, default="")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering: ClassVar = ["start"]
        indexes: ClassVar = [models.Index(fields=["workplace", "start"], name="appointment_calendar")]
        constraints: ClassVar = [
            one_of("status", AppointmentStatus, "appointment_status"),
            models.CheckConstraint(
                name="appointment_times",
                condition=Q(start__isnull=True, end__isnull=True)
                | Q(start__isnull=False, end__isnull=False, start__lt=F("end")),
            ),
            models.CheckConstraint(
                name="appointment_timeless", condition=Q(start__isnull=False) | Q(status__in=TIMELESS)
            ),
            implies("appointment_booked_at", Q(status="booked"), Q(booked_at__isnull=False)),
            models.CheckConstraint(name="appointment_version", condition=Q(schedule_version__gte=1)),
            models.UniqueConstraint(fields=["id", "workplace"], name="appointment_of_workplace"),
        ]

    def __str__(self) -> str:
        return f"Appointment {str(self.id)[-12:]}"

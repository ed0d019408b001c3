"""Appointments: booked, moved and cancelled through the booking service, so that reminders follow."""

from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.decorators import display

from engagement.admin.base import ReadOnlyForm
from engagement.admin.deeds import Deed, DeedsAdmin, field, moment
from engagement.admin.shown import badge, local, patient_link, table
from engagement.models import Appointment
from engagement.services import booking
from queues import audit


class NewTimes(forms.Form):
    """When the visit is to be instead."""

    start = moment("New start")
    end = moment("New end")

    def __init__(self, row: Appointment, data: Any = None) -> None:
        super().__init__(data, initial={"start": row.start, "end": row.end})


class Cancellation(forms.Form):
    """Why the visit is cancelled."""

    reason = forms.CharField(label="Why", max_length=200, widget=field())

    def __init__(self, _row: Appointment, data: Any = None) -> None:
        super().__init__(data)


def _reschedule(request: HttpRequest, row: Appointment, given: dict[str, Any]) -> str:
    moved = booking.reschedule(row.pk, start=given["start"], end=given["end"])
    _record(request, "reschedule", row, start=moved.start, version=moved.schedule_version)
    return "The appointment is moved; its reminders are planned anew."


def _cancel(request: HttpRequest, row: Appointment, given: dict[str, Any]) -> str:
    booking.cancel(row.pk, reason=given["reason"])
    _record(request, "cancel", row)
    return "The appointment is cancelled; its reminders are revoked."


def _record(request: HttpRequest, action: str, row: Appointment, **after: Any) -> None:
    shown = {name: value.isoformat() if hasattr(value, "isoformat") else value for name, value in after.items()}
    before = {"start": row.start.isoformat() if row.start else None, "status": row.status}
    audit.record(
        request.user, action, "appointment", row.pk, tenant=str(row.workplace_id), before=before, after=shown or None
    )


@admin.register(Appointment)
class AppointmentAdmin(ReadOnlyForm, DeedsAdmin):
    """Nothing is edited in place: a visit that moves needs its reminders to move with it."""

    sidebar_icon, sidebar_order = "event", 1
    list_display: ClassVar[Any] = ("when", "who", "shown_status", "practitioner", "workplace")
    list_filter: ClassVar[Any] = ("status", ("workplace", admin.RelatedOnlyFieldListFilter))
    list_select_related: ClassVar[Any] = ("patient", "workplace")
    ordering: ClassVar[Any] = ("-start",)
    search_fields: ClassVar[Any] = ("practitioner__icontains", "=id", "=patient__id")
    search_help_text = "Practitioner, or id of an appointment or patient"
    fieldsets: ClassVar[Any] = (
        (None, {"fields": ("who", "workplace", "when", "until", "shown_status", "practitioner")}),
        (None, {"fields": ("reminders_table",)}),
        ("Record", {"fields": ("booked", "schedule_version", "cancellation_reason")}),
    )
    readonly_fields: ClassVar[Any] = ("who", "when", "until", "shown_status", "reminders_table", "booked")
    deeds = (
        Deed(
            name="reschedule",
            title="Reschedule",
            icon="edit_calendar",
            question="Move this appointment?",
            consequence="Reminders that have not gone out are revoked, and planned anew for the new start.",
            run=_reschedule,
            form=NewTimes,
            offered=lambda row: row.status == "booked",
        ),
        Deed(
            name="cancel",
            title="Cancel",
            icon="event_busy",
            question="Cancel this appointment?",
            consequence="Its reminders are revoked in the same moment; nothing more goes out.",
            run=_cancel,
            form=Cancellation,
            danger=True,
            offered=lambda row: row.status in booking.OPEN,
        ),
    )

    @display(description="Start", ordering="start")
    def when(self, obj: Appointment) -> SafeString | str:
        """A visit happens by the clinic's clock."""
        return local(obj.start, obj.workplace.zone)

    @display(description="End")
    def until(self, obj: Appointment) -> SafeString | str:
        """By the clinic's clock."""
        return local(obj.end, obj.workplace.zone)

    @display(description="Booked")
    def booked(self, obj: Appointment) -> SafeString | str:
        """By the clinic's clock."""
        return local(obj.booked_at, obj.workplace.zone)

    @display(description="Patient")
    def who(self, obj: Appointment) -> SafeString:
        """The patient, masked."""
        return patient_link(obj.patient)

    @display(description="Status", ordering="status")
    def shown_status(self, obj: Appointment) -> SafeString:
        """FHIR's status."""
        return badge(obj.status, obj.get_status_display())

    @display(description="Reminders")
    def reminders_table(self, obj: Appointment) -> SafeString | str:
        """Each planned occasion, with a link to whether it went out."""
        rows = [
            (
                format_html(
                    '<a class="q-name" href="{}">{}</a>',
                    reverse("admin:engagement_reminder_change", args=[one.pk]),
                    one.get_reminder_type_display(),
                ),
                local(one.planned_for, obj.workplace.zone),
                badge(one.status, one.get_status_display()),
                one.get_reason_display() if one.reason else "",
            )
            for one in obj.reminders.order_by("planned_for", "schedule_version")
        ]
        if not rows:
            return "None: it was booked too shortly before the visit, or is not booked."
        return table(("Reminder", "Planned for", "Status", "Why"), rows)

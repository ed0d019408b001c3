"""Reminders with their deliveries: whether each patient's reminder went out, and if not, why."""

from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import Prefetch, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from unfold.decorators import display

from engagement.admin.base import ReadOnlyForm
from engagement.admin.shown import badge, job_link, local, patient_link, table
from engagement.models import Delivery, DeliveryAttempt, Reminder


@admin.register(Reminder)
class ReminderAdmin(ReadOnlyForm):
    """One row an occasion; its page has every delivery and every call of a provider."""

    sidebar_icon, sidebar_order = "notifications", 2
    list_display: ClassVar[Any] = ("planned", "reminder_type", "who", "shown_status", "went_out", "workplace", "job")
    list_filter: ClassVar[Any] = ("status", "reminder_type", "reason", ("workplace", admin.RelatedOnlyFieldListFilter))
    list_select_related: ClassVar[Any] = ("patient", "workplace")
    ordering: ClassVar[Any] = ("-planned_for",)
    date_hierarchy = None
    search_fields: ClassVar[Any] = ("=patient__id", "=appointment__id", "=job_id", "=id")
    search_help_text = "Id of a patient, appointment, job or reminder"
    fieldsets: ClassVar[Any] = (
        (None, {"fields": ("who", "workplace", "visit", "reminder_type", "planned", "shown_status", "why", "job")}),
        (None, {"fields": ("deliveries_table",)}),
        ("Record", {"fields": ("schedule_version", "channels", "created", "finished")}),
    )
    readonly_fields: ClassVar[Any] = (
        "who", "visit", "planned", "shown_status", "why", "job", "deliveries_table", "created", "finished",
    )  # fmt: skip

    def get_queryset(self, request: HttpRequest) -> QuerySet[Reminder]:
        """With deliveries and attempts, in a constant number of statements."""
        attempts = Prefetch("attempts", DeliveryAttempt.objects.order_by("number"))
        deliveries = Prefetch("deliveries", Delivery.objects.order_by("channel").prefetch_related(attempts))
        return super().get_queryset(request).prefetch_related(deliveries)

    @display(description="Patient")
    def who(self, obj: Reminder) -> SafeString:
        """The patient, masked."""
        return patient_link(obj.patient)

    @display(description="Planned for", ordering="planned_for")
    def planned(self, obj: Reminder) -> SafeString | str:
        """On the workplace's clock."""
        return local(obj.planned_for, obj.workplace.zone)

    @display(description="Status", ordering="status")
    def shown_status(self, obj: Reminder) -> SafeString:
        """Where it stands."""
        return badge(obj.status, obj.get_status_display())

    @display(description="Why")
    def why(self, obj: Reminder) -> str:
        """Why it was skipped or revoked."""
        return str(obj.get_reason_display()) if obj.reason else "–"

    @display(description="Went out")
    def went_out(self, obj: Reminder) -> SafeString | str:
        """Each channel with its status."""
        each = [(badge(one.status, f"{one.get_channel_display()} {one.status}"),) for one in obj.deliveries.all()]
        if each:
            return format_html('<span class="q-row">{}</span>', format_html_join("", "{}", each))
        return self.why(obj) if obj.reason else "not yet"

    @display(description="Job")
    def job(self, obj: Reminder) -> SafeString | str:
        """The job that sends it."""
        return job_link(obj.job_id)

    @display(description="Appointment")
    def visit(self, obj: Reminder) -> SafeString | str:
        """The visit it announces."""
        if obj.appointment is None:
            return "–"
        url = reverse("admin:engagement_appointment_change", args=[obj.appointment_id])
        return format_html('<a class="q-name" href="{}">{}</a>', url, local(obj.appointment.start, obj.workplace.zone))

    @display(description="Did it go out?")
    def deliveries_table(self, obj: Reminder) -> SafeString | str:
        """Every channel with its reason, times and calls of the provider."""
        rows = [
            (
                one.get_channel_display(),
                badge(one.status, one.get_status_display()),
                one.get_reason_display() if one.reason else "",
                local(one.sent_at or one.deferred_to, obj.workplace.zone),
                format_html('<span class="q-mono q-break">{}</span>', one.provider_id or "–"),
                format_html_join("", "<div>{}</div>", ((_attempt(each),) for each in one.attempts.all())),
            )
            for one in obj.deliveries.all()
        ]
        if not rows:
            return "Nothing was sent yet."
        return table(("Channel", "Status", "Why", "Sent or deferred to", "Provider id", "Calls"), rows)

    @display(description="Made")
    def created(self, obj: Reminder) -> SafeString | str:
        """On the workplace's clock."""
        return local(obj.created_at, obj.workplace.zone)

    @display(description="Ended")
    def finished(self, obj: Reminder) -> SafeString | str:
        """On the workplace's clock."""
        return local(obj.finished_at, obj.workplace.zone)


def _attempt(attempt: DeliveryAttempt) -> str:
    code = f" ({attempt.provider_code})" if attempt.provider_code else ""
    return f"{attempt.number}. {attempt.get_outcome_display() if attempt.outcome else 'no answer'}{code}"

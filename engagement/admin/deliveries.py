"""Deliveries: above all those of which nobody knows whether they arrived, and saying what became of them."""

from functools import partial
from typing import Any, ClassVar

from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.decorators import display

from engagement.admin.base import ReadOnlyForm
from engagement.admin.deeds import Deed, DeedsAdmin
from engagement.admin.shown import badge, local, patient_link
from engagement.models import Delivery
from engagement.services import reconciling
from engagement.terms import DeliveryStatus


def _settle(request: HttpRequest, delivery: Delivery, _given: dict[str, Any], *, arrived: bool) -> str:
    reconciling.settle(delivery.id, arrived=arrived, by=request.user, now=timezone.now())
    return "Written down: it arrived." if arrived else "Written down: it did not arrive. Phone the patient."


def _unknown(delivery: Delivery) -> bool:
    return delivery.status == DeliveryStatus.UNKNOWN


@admin.register(Delivery)
class DeliveryAdmin(ReadOnlyForm, DeedsAdmin):
    """One row a reminder and channel; what is unknown is settled here by hand, never by sending it again."""

    sidebar_icon, sidebar_order = "mark_email_unread", 2
    list_display: ClassVar[Any] = ("claimed", "channel", "who", "shown_status", "why", "occasion", "workplace")
    list_filter: ClassVar[Any] = ("status", "channel", "reason", ("workplace", admin.RelatedOnlyFieldListFilter))
    list_select_related: ClassVar[Any] = ("reminder__patient", "workplace")
    ordering: ClassVar[Any] = ("-created_at",)
    search_fields: ClassVar[Any] = ("=reminder__patient__id", "=reminder__id", "=idempotency_key", "=provider_id")
    search_help_text = "Id of a patient or reminder, the delivery's key, or the provider's id"
    fields: ClassVar[Any] = (
        "workplace", "who", "occasion", "channel", "shown_status", "why", "provider_id", "template_id", "claimed",
        "sent", "delivered",
    )  # fmt: skip
    readonly_fields: ClassVar[Any] = fields
    deeds = (
        Deed(
            name="arrived",
            title="It arrived",
            icon="done_all",
            question="Did this message of {workplace} arrive?",
            consequence="It counts as delivered, and the task to find out is closed if nobody has taken it up.",
            run=partial(_settle, arrived=True),
            offered=_unknown,
        ),
        Deed(
            name="lost",
            title="It did not arrive",
            icon="unsubscribe",
            question="Did this message of {workplace} not arrive?",
            consequence="It counts as failed. It is not sent again by itself: phone the patient.",
            run=partial(_settle, arrived=False),
            offered=_unknown,
        ),
    )

    @display(description="Patient")
    def who(self, obj: Delivery) -> SafeString:
        """The patient, masked."""
        return patient_link(obj.reminder.patient)

    @display(description="Status", ordering="status")
    def shown_status(self, obj: Delivery) -> SafeString:
        """Where it stands."""
        return badge(obj.status, obj.get_status_display())

    @display(description="Why")
    def why(self, obj: Delivery) -> str:
        """Why it was skipped, failed or is unknown."""
        return str(obj.get_reason_display()) if obj.reason else "–"

    @display(description="Reminder")
    def occasion(self, obj: Delivery) -> SafeString:
        """The reminder that it belongs to."""
        url = reverse("admin:engagement_reminder_change", args=[obj.reminder_id])
        return format_html('<a class="q-name" href="{}">{}</a>', url, obj.reminder.get_reminder_type_display())

    @display(description="Handed over", ordering="claimed_at")
    def claimed(self, obj: Delivery) -> SafeString | str:
        """When it was given to the provider, on the workplace's clock."""
        return local(obj.claimed_at, obj.workplace.zone)

    @display(description="Accepted", ordering="sent_at")
    def sent(self, obj: Delivery) -> SafeString | str:
        """When the provider took it, on the workplace's clock."""
        return local(obj.sent_at, obj.workplace.zone)

    @display(description="Arrived", ordering="delivered_at")
    def delivered(self, obj: Delivery) -> SafeString | str:
        """When it is known to have arrived, on the workplace's clock."""
        return local(obj.delivered_at, obj.workplace.zone)

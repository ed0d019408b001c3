"""A reminder on one channel."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from engagement.models.base import ClinicModel, choice, implies, one_of
from engagement.models.reminder import Reminder
from engagement.models.workplace import Workplace
from engagement.reasons import DELIVERY_REASONS
from engagement.terms import Channel, DeliveryStatus


class Delivery(ClinicModel):
    """How a reminder goes on one channel. Never the body, never the address."""

    workplace = models.ForeignKey(Workplace, on_delete=models.PROTECT, related_name="deliveries")
    reminder = models.ForeignKey(Reminder, on_delete=models.CASCADE, related_name="deliveries")
    channel = choice(Channel)
    #: ``appt:{appointment}:{schedule_version}:{type}:{channel}``: one effect, however often its job runs.
    idempotency_key = models.CharField(max_length=200, unique=True)
    status = choice(DeliveryStatus, default=DeliveryStatus.PENDING)
    reason = models.CharField(max_length=64, blank=True, default="", choices=DELIVERY_REASONS)
    provider_id = models.CharField(max_length=200, blank=True, default="")
    template_id = models.CharField(max_length=100, blank=True, default="")
    template_version = models.PositiveIntegerField(null=True, blank=True)
    #: The opening of the quiet hours that it waits for; lateness counts from it.
    deferred_to = models.DateTimeField(null=True, blank=True)
    #: The job's run that last decided about it: retries of that run leave what it decided.
    decided_job = models.UUIDField(null=True, blank=True)
    decided_run = models.PositiveIntegerField(null=True, blank=True)
    #: Drawn for each claim; only its holder may record how the sending went.
    claim_token = models.UUIDField(null=True, blank=True)
    claimed_at = models.DateTimeField(null=True, blank=True)
    sent_at = models.DateTimeField(null=True, blank=True)
    delivered_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name_plural = "deliveries"
        ordering: ClassVar = ["-created_at"]
        indexes: ClassVar = [
            models.Index(fields=["workplace", "status", "-created_at"], name="delivery_status"),
            models.Index(fields=["workplace"], name="delivery_unknown", condition=Q(status="unknown")),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["reminder", "channel"], name="delivery_once"),
            one_of("channel", Channel, "delivery_channel"),
            one_of("status", DeliveryStatus, "delivery_status"),
            implies("delivery_why", Q(status__in=["failed", "skipped", "unknown"]), ~Q(reason="")),
            implies(
                "delivery_claimed",
                Q(status__in=["sending", "sent", "delivered", "unknown"]),
                Q(claim_token__isnull=False, claimed_at__isnull=False),
            ),
            implies("delivery_sent", Q(status__in=["sent", "delivered"]), Q(sent_at__isnull=False)),
            implies("delivery_delivered", Q(status="delivered"), Q(delivered_at__isnull=False)),
        ]

    def __str__(self) -> str:
        return f"{self.get_channel_display()} ({self.status})"

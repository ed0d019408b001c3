"""One call of a provider."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from engagement.models.base import ClinicModel, choice
from engagement.models.contact_point import ContactPoint
from engagement.models.delivery import Delivery
from engagement.outcomes import OutcomeClass


class DeliveryAttempt(ClinicModel):
    """What was asked of a provider and what it answered; an attempt without an answer was interrupted."""

    delivery = models.ForeignKey(Delivery, on_delete=models.CASCADE, related_name="attempts")
    number = models.PositiveIntegerField()
    contact = models.ForeignKey(ContactPoint, on_delete=models.SET_NULL, null=True, blank=True)
    #: Empty while the provider has not answered.
    outcome = choice(OutcomeClass, blank=True, default="")
    provider_code = models.CharField(max_length=64, blank=True, default="")
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering: ClassVar = ["delivery", "number"]
        indexes: ClassVar = [
            # Usually nearly empty: what the breaker looks at before every message.
            models.Index(fields=["-started_at"], name="attempt_transient", condition=Q(outcome="transient")),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["delivery", "number"], name="attempt_once"),
            models.CheckConstraint(name="attempt_number", condition=Q(number__gte=1)),
            models.CheckConstraint(
                name="attempt_answered",
                condition=Q(outcome="", finished_at__isnull=True) | (~Q(outcome="") & Q(finished_at__isnull=False)),
            ),
        ]

    def __str__(self) -> str:
        return f"Attempt {self.number} ({self.outcome or 'no answer'})"

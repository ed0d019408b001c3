"""A workplace's channel that is switched off until somebody mends it."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q

from engagement.models.base import ClinicModel, choice, one_of
from engagement.models.workplace import Workplace
from engagement.terms import Channel


class ChannelHold(ClinicModel):
    """Since when, why, and who released it; reminders on the channel wait while one is open."""

    workplace = models.ForeignKey(Workplace, on_delete=models.CASCADE, related_name="holds")
    channel = choice(Channel)
    #: The provider's code.
    provider_code = models.CharField(max_length=64)
    since = models.DateTimeField()
    released_at = models.DateTimeField(null=True, blank=True)
    released_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )

    class Meta:
        ordering: ClassVar = ["-since"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["workplace", "channel"], name="hold_once", condition=Q(released_at__isnull=True)
            ),
            one_of("channel", Channel, "hold_channel"),
        ]

    def __str__(self) -> str:
        return f"{self.get_channel_display()} on hold since {self.since:%Y-%m-%d %H:%M} UTC"

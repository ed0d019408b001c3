"""What would have gone out where no provider is configured."""

from typing import ClassVar

from django.db import models

from engagement.models.base import ClinicModel, choice, one_of
from engagement.models.workplace import Workplace
from engagement.terms import Channel


class OutboxMessage(ClinicModel):
    """A message in full, for staff to read; the only place that keeps a body or an address, for a week."""

    workplace = models.ForeignKey(Workplace, on_delete=models.CASCADE, related_name="outbox")
    channel = choice(Channel)
    #: The delivery's key: the same effect is kept once.
    idempotency_key = models.CharField(max_length=200, unique=True)
    recipient = models.CharField(max_length=254)
    subject = models.CharField(max_length=200, blank=True, default="")
    body = models.TextField()
    language = models.CharField(max_length=16)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering: ClassVar = ["-created_at"]
        indexes: ClassVar = [
            models.Index(fields=["workplace", "-created_at"], name="outbox_newest"),
            models.Index(fields=["created_at"], name="outbox_age"),
        ]
        constraints: ClassVar = [one_of("channel", Channel, "outbox_channel")]

    def __str__(self) -> str:
        return f"{self.get_channel_display()} {str(self.id)[-12:]}"

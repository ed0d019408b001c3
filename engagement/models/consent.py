"""What a patient agreed to or refused."""

from typing import ClassVar

from django.db import models

from engagement.models.base import ClinicModel, choice, one_of
from engagement.models.patient import Patient
from engagement.terms import Channel, ConsentDecision, ConsentPurpose


class Consent(ClinicModel):
    """One decision. Append-only: the database refuses to change one; a new row says what holds from then on."""

    patient = models.ForeignKey(Patient, on_delete=models.CASCADE, related_name="consents")
    channel = choice(Channel)
    purpose = choice(ConsentPurpose, default=ConsentPurpose.ANY)
    decision = choice(ConsentDecision)
    decided_at = models.DateTimeField()
    #: How it is known: a form's number, a provider's code.
    evidence = models.CharField(max_length=200, blank=True, default="")
    recorded_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering: ClassVar = ["-decided_at"]
        indexes: ClassVar = [models.Index(fields=["patient", "channel", "-decided_at"], name="consent_newest")]
        constraints: ClassVar = [
            one_of("channel", Channel, "consent_channel"),
            one_of("purpose", ConsentPurpose, "consent_purpose"),
            one_of("decision", ConsentDecision, "consent_decision"),
        ]

    def __str__(self) -> str:
        return f"{self.get_decision_display()} {self.get_channel_display()}"

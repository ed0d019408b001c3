"""A way to reach a patient."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from engagement.models.base import ClinicModel, choice, one_of
from engagement.models.patient import Patient
from engagement.terms import TELEPHONE_SYSTEMS, ContactSystem, ContactUse


class ContactPoint(ClinicModel):
    """An address or a number; :mod:`engagement.services.contacts` brings it into its one form."""

    patient = models.ForeignKey(Patient, on_delete=models.CASCADE, related_name="contacts")
    system = choice(ContactSystem)
    use = choice(ContactUse, default=ContactUse.HOME)
    #: 1 is tried first.
    rank = models.PositiveSmallIntegerField(default=1)
    value = models.CharField(max_length=254)
    #: Since when it is known not to work; such a contact is never used.
    invalid_at = models.DateTimeField(null=True, blank=True)
    #: The provider's code, or a word of staff's.
    invalid_reason = models.CharField(max_length=64, blank=True, default="")

    class Meta:
        ordering: ClassVar = ["rank", "id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["patient", "system", "value"], name="contact_once"),
            one_of("system", ContactSystem, "contact_system"),
            one_of("use", ContactUse, "contact_use"),
            models.CheckConstraint(name="contact_rank", condition=Q(rank__gte=1)),
            models.CheckConstraint(
                name="contact_e164",
                condition=~Q(system__in=[str(system) for system in TELEPHONE_SYSTEMS])
                | Q(value__regex=r"^\+[1-9][0-9]{5,14}$"),
            ),
            models.CheckConstraint(
                name="contact_email", condition=~Q(system="email") | Q(value__regex=r"^[^@[:space:]]+@[^@[:space:]]+$")
            ),
            models.CheckConstraint(
                name="contact_invalid_why",
                condition=Q(invalid_at__isnull=True, invalid_reason="")
                | (Q(invalid_at__isnull=False) & ~Q(invalid_reason="")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_system_display()} {self.get_use_display()} {self.rank}"

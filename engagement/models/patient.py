"""A patient of one workplace."""

from typing import ClassVar
from zoneinfo import ZoneInfo

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from engagement.models.base import ClinicModel
from engagement.models.workplace import Workplace
from engagement.terms import Channel
from engagement.zones import validate_zone


class Patient(ClinicModel):
    """A person who has appointments at a workplace."""

    workplace = models.ForeignKey(Workplace, on_delete=models.PROTECT, related_name="patients")
    given_name = models.CharField(max_length=100)
    family_name = models.CharField(max_length=100)
    birth_date = models.DateField(null=True, blank=True)
    #: Language of messages; empty: the workplace's.
    language = models.CharField(max_length=16, blank=True, default="")
    #: IANA name; empty: the workplace's. Quiet hours go by it.
    timezone = models.CharField(max_length=64, blank=True, default="", validators=[validate_zone])
    active = models.BooleanField(default=True)
    deceased_at = models.DateTimeField(null=True, blank=True)
    #: Channels in order of preference; empty: the workplace's.
    preferred_channels = ArrayField(models.CharField(max_length=16, choices=Channel.choices), default=list, blank=True)

    class Meta:
        ordering: ClassVar = ["family_name", "given_name"]
        constraints: ClassVar = [
            # The target of other tables' (patient, workplace): a row can never join two workplaces.
            models.UniqueConstraint(fields=["id", "workplace"], name="patient_of_workplace"),
            models.CheckConstraint(name="patient_named", condition=~Q(family_name="")),
            models.CheckConstraint(
                name="patient_channels", condition=Q(preferred_channels__contained_by=list(Channel.values))
            ),
        ]

    def __str__(self) -> str:
        return f"Patient {str(self.id)[-12:]}"

    @property
    def zone(self) -> ZoneInfo:
        """The patient's clock: their own zone if known, else the workplace's."""
        return ZoneInfo(self.timezone) if self.timezone else self.workplace.zone

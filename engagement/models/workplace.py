"""A workplace: the tenant that every other row belongs to."""

from typing import ClassVar
from zoneinfo import ZoneInfo

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from pydantic import ValidationError as InvalidRules

from engagement.models.base import ClinicModel
from engagement.terms import Channel
from engagement.workplace_rules import WorkplaceRules
from engagement.zones import validate_zone


class Workplace(ClinicModel):
    """A clinic, with its own clock, rules and providers."""

    name = models.CharField(max_length=200)
    slug = models.SlugField(unique=True)
    #: IANA name of the zone that its visits happen in.
    timezone = models.CharField(max_length=64, validators=[validate_zone])
    #: Language of patients who have none of their own.
    locale = models.CharField(max_length=16, default="en")
    #: Given in messages, for patients to call back.
    phone = models.CharField(max_length=32)
    active = models.BooleanField(default=True)
    #: What differs from the defaults of :class:`~engagement.workplace_rules.WorkplaceRules`.
    rules = models.JSONField(default=dict, blank=True)
    #: Provider settings by channel: ``{"sms": {"adapter": "outbox"}}``.
    providers = models.JSONField(default=dict, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering: ClassVar = ["name"]
        constraints: ClassVar = [
            models.CheckConstraint(name="workplace_named", condition=~Q(name="") & ~Q(slug="") & ~Q(timezone="")),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def zone(self) -> ZoneInfo:
        """Its clock."""
        return ZoneInfo(self.timezone)

    @property
    def policy(self) -> WorkplaceRules:
        """Its rules, typed and complete."""
        return WorkplaceRules.model_validate(self.rules)

    def clean(self) -> None:
        """Refuse rules and provider settings that nobody could apply, naming the field."""
        try:
            WorkplaceRules.model_validate(self.rules)
        except InvalidRules as error:
            first = error.errors()[0]
            where = ".".join(str(part) for part in first["loc"])
            raise ValidationError({"rules": f"{where}: {first['msg']}"}) from None
        if not isinstance(self.providers, dict):
            raise ValidationError({"providers": 'must be an object such as {"sms": {"adapter": "outbox"}}.'})
        for channel, options in self.providers.items():
            if channel not in Channel.values:
                raise ValidationError({"providers": f"{channel}: must be one of {', '.join(Channel.values)}."})
            if not isinstance(options, dict) or not isinstance(options.get("adapter"), str):
                raise ValidationError({"providers": f"{channel}: must be an object that names its adapter."})

"""What all of the clinic's tables share."""

from enum import StrEnum
from typing import Any

from django.db import models
from django.db.models import Q, TextChoices

from queues.ids import uuid7


class ClinicModel(models.Model):
    """A row with a UUID that says nothing about the patient."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)

    class Meta:
        abstract = True


def one_of(field: str, values: type[TextChoices] | type[StrEnum], name: str) -> models.CheckConstraint:
    """A constraint that a column holds one of an enum's values."""
    return models.CheckConstraint(name=name, condition=Q(**{f"{field}__in": [str(value) for value in values]}))


def implies(name: str, when: Q, then: Q) -> models.CheckConstraint:
    """A constraint that ``then`` holds wherever ``when`` does."""
    return models.CheckConstraint(name=name, condition=~when | then)


def choice(values: type[TextChoices], **options: Any) -> "models.CharField[str, str]":
    """A column for one of an enum's values."""
    longest = max(len(value) for value in values.values)
    return models.CharField(max_length=max(longest, 32), choices=values.choices, **options)

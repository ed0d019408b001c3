"""Who works where, as what."""

from typing import ClassVar

from django.conf import settings
from django.db import models

from engagement.models.base import ClinicModel, choice, one_of
from engagement.models.workplace import Workplace
from engagement.terms import Role, StaffFunction


class StaffMembership(ClinicModel):
    """A user's place at a workplace; it scopes what admin and API show."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="memberships")
    workplace = models.ForeignKey(Workplace, on_delete=models.CASCADE, related_name="memberships")
    role = choice(Role, default=Role.VIEWER)
    function = choice(StaffFunction, default=StaffFunction.NONE)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["user", "workplace"], name="membership_once"),
            one_of("role", Role, "membership_role"),
            one_of("function", StaffFunction, "membership_function"),
        ]

    def __str__(self) -> str:
        return f"{self.get_role_display()} at {self.workplace}"

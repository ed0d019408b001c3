"""Log-ins of the demo: one for each role, and one that may do everything."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass

from django.contrib.auth import get_user_model

from engagement.demo.clinics import MISBEHAVING
from engagement.models import StaffMembership, Workplace
from engagement.terms import Role, StaffFunction


@dataclass(frozen=True, slots=True)
class DemoLogin:
    """A log-in, with its password: printed once, stored nowhere but as Django's hash."""

    username: str
    password: str
    #: viewer, operator, admin or superuser.
    role: str
    #: Names of the clinics that it sees.
    workplaces: tuple[str, ...]


#: User name -> role, function, and the clinics (None: all).
STAFF: Mapping[str, tuple[Role, StaffFunction, tuple[str, ...] | None]] = {
    "viewer": (Role.VIEWER, StaffFunction.RECEPTION, (MISBEHAVING,)),
    "operator": (Role.OPERATOR, StaffFunction.SUPERVISOR, (MISBEHAVING, "harbour")),
    "admin": (Role.ADMIN, StaffFunction.CLINIC_LEAD, None),
}


def make_staff(workplaces: Mapping[str, Workplace]) -> tuple[DemoLogin, ...]:
    """The log-ins, each with a new password."""
    logins = []
    for username, (role, function, slugs) in STAFF.items():
        seen = [workplaces[slug] for slug in slugs or workplaces]
        user_id, password = _user(username, superuser=False)
        for workplace in seen:
            StaffMembership.objects.update_or_create(
                user_id=user_id, workplace=workplace, defaults={"role": role, "function": function}
            )
        logins.append(DemoLogin(username, password, role.value, tuple(workplace.name for workplace in seen)))
    _, password = _user("superuser", superuser=True)
    names = tuple(workplace.name for workplace in workplaces.values())
    return (*logins, DemoLogin("superuser", password, "superuser", names))


def _user(username: str, *, superuser: bool) -> tuple[int, str]:
    password = secrets.token_urlsafe(9)
    user, _new = get_user_model().objects.get_or_create(username=username)
    user.is_staff, user.is_superuser, user.is_active = True, superuser, True
    user.set_password(password)
    user.save()
    return user.pk, password

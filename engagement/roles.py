"""What the role of a member of staff lets them do, and where: a membership's role is the group of that name.

The three groups hold permissions as all groups of Django do; an administrator may add to them. Whoever has a role at a
workplace has its group's permissions there, and only there.
"""

from typing import Any

from django.apps import AppConfig, apps
from django.contrib.auth.backends import BaseBackend
from django.db import DEFAULT_DB_ALIAS
from django.db.models.signals import post_migrate

from engagement.terms import Role

#: Role of a membership -> name of its group.
GROUPS: dict[str, str] = {Role.VIEWER: "Viewer", Role.OPERATOR: "Operator", Role.ADMIN: "Administrator"}

_APPS = ("queues", "engagement")
_OPERATORS_EDIT = ("appointment", "delivery", "followuptask", "patient", "contactpoint", "consent")
_ADMINISTRATORS_EDIT = ("workplace", "staffmembership", "channelhold")


class MembershipBackend(BaseBackend):
    """Answers ``user.has_perm(permission)`` (anywhere) and ``user.has_perm(permission, workplace_id)`` (there)."""

    def get_group_permissions(self, user_obj: Any, obj: Any = None) -> set[str]:
        """Permissions of the roles that an active user has: at one workplace, or at any if ``obj`` is None."""
        if not user_obj.is_active or user_obj.is_anonymous:
            return set()
        held = self._by_workplace(user_obj)
        if obj is None:
            return set().union(*held.values())
        return held.get(str(obj), set()) if isinstance(obj, str) else set()

    def has_module_perms(self, user_obj: Any, app_label: str) -> bool:
        """Whether the user may do anything in an application."""
        return any(name.startswith(f"{app_label}.") for name in self.get_group_permissions(user_obj))

    @staticmethod
    def _by_workplace(user: Any) -> dict[str, set[str]]:
        """Read once for each loaded user, as Django's own backend does."""
        held: dict[str, set[str]] | None = getattr(user, "_workplace_permissions", None)
        if held is None:
            memberships = apps.get_model("engagement", "StaffMembership").objects.filter(user_id=user.pk)
            roles = {str(workplace): role for workplace, role in memberships.values_list("workplace_id", "role")}
            of_role = {role: _permissions(GROUPS[role]) for role in set(roles.values())}
            held = {workplace: of_role[role] for workplace, role in roles.items()}
            user._workplace_permissions = held  # noqa: SLF001  a cache as Django's own backend keeps
        return held


def _permissions(group: str) -> set[str]:
    found = apps.get_model("auth", "Permission").objects.filter(group__name=group)
    return {f"{app}.{name}" for app, name in found.values_list("content_type__app_label", "codename")}


def connect() -> None:
    """Have the groups made after migrations."""
    post_migrate.connect(make_groups, dispatch_uid="engagement.roles")


def make_groups(sender: AppConfig, using: str = DEFAULT_DB_ALIAS, **_: Any) -> None:
    """Create the groups, or give them what they lack; never takes away what an administrator gave.

    Runs after each application's migrations, and permissions of later ones come later: the last run sees all.
    """
    if sender.label not in (*_APPS, "auth", "monitoring"):
        return
    permissions = apps.get_model("auth", "Permission").objects.using(using)
    known = {
        (each.content_type.app_label, each.codename): each
        for each in permissions.filter(content_type__app_label__in=_APPS).select_related("content_type")
    }
    for name, wanted in _wanted(set(known)).items():
        group, _created = apps.get_model("auth", "Group").objects.using(using).get_or_create(name=name)
        group.permissions.add(*(known[key] for key in wanted & set(known)))


def _wanted(known: set[tuple[str, str]]) -> dict[str, set[tuple[str, str]]]:
    viewer = {key for key in known if key[1].startswith("view_")}
    operator = viewer | {("queues", "operate_job")} | _edits(_OPERATORS_EDIT)
    administrator = operator | {("queues", "administer_queue")} | _edits(_ADMINISTRATORS_EDIT)
    return {"Viewer": viewer, "Operator": operator, "Administrator": administrator}


def _edits(models: tuple[str, ...]) -> set[tuple[str, str]]:
    return {("engagement", f"{verb}_{model}") for model in models for verb in ("add", "change")}

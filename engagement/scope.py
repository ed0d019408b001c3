"""Tells the queue engine whose jobs a user may see: those of the workplaces that the user works at."""

from typing import Any
from uuid import UUID

from engagement.models import StaffMembership, Workplace
from queues import scope


class WorkplaceScope:
    """A tenant is a workplace's id."""

    def tenants_of(self, user: Any) -> frozenset[str] | None:
        """Workplaces of an active member of staff; None (all) for a superuser."""
        if not getattr(user, "is_active", False):
            return frozenset()
        if user.is_superuser:
            return None
        memberships = StaffMembership.objects.filter(user_id=user.pk)
        return frozenset(str(workplace) for workplace in memberships.values_list("workplace_id", flat=True))

    def all_tenants(self) -> frozenset[str]:
        """Every workplace."""
        return frozenset(str(workplace) for workplace in Workplace.objects.values_list("id", flat=True))

    def tenant_label(self, tenant: str) -> str:
        """The workplace's name; the tenant itself where it is none."""
        return _column(tenant, "name") or tenant

    def tenant_zone(self, tenant: str) -> str:
        """The zone that the workplace lives in; UTC where it is none."""
        return _column(tenant, "timezone") or "UTC"


def _column(tenant: str, name: str) -> str | None:
    try:
        return Workplace.objects.filter(id=UUID(tenant)).values_list(name, flat=True).first()
    except ValueError:
        return None


def register() -> None:
    """Answer for the clinic from now on."""
    scope.register(WorkplaceScope())

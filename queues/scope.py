"""Whose jobs a user may see: filled by the application that knows its users' tenants."""

from typing import Any, Protocol


class ScopeProvider(Protocol):
    """Answers for one application which tenants a user belongs to."""

    def tenants_of(self, user: Any) -> frozenset[str] | None:
        """Tenants the user may see; None means all of them."""

    def all_tenants(self) -> frozenset[str]:
        """Every tenant there is."""

    def tenant_label(self, tenant: str) -> str:
        """A name of the tenant for people."""

    def tenant_zone(self, tenant: str) -> str:
        """IANA name of the zone on whose clock the tenant lives."""


class _Everyone:
    """Until an application registers: superusers see all, others nothing."""

    def tenants_of(self, user: Any) -> frozenset[str] | None:
        return None if getattr(user, "is_superuser", False) else frozenset()

    def all_tenants(self) -> frozenset[str]:
        return frozenset()

    def tenant_label(self, tenant: str) -> str:
        return tenant

    def tenant_zone(self, tenant: str) -> str:
        return "UTC"


_provider: ScopeProvider = _Everyone()


def register(provider: ScopeProvider) -> None:
    """Let ``provider`` answer from now on."""
    global _provider  # noqa: PLW0603  one provider a process, set while apps load
    _provider = provider


def tenants_of(user: Any) -> frozenset[str] | None:
    """Tenants whose jobs ``user`` may see; None means all, the empty set none."""
    return _provider.tenants_of(user)


def all_tenants() -> frozenset[str]:
    """Every tenant that the application knows of; there may be jobs of others."""
    return _provider.all_tenants()


def may_see(user: Any, tenant: str) -> bool:
    """Whether ``user`` may see jobs of ``tenant``."""
    tenants = tenants_of(user)
    return tenants is None or tenant in tenants


def tenant_label(tenant: str) -> str:
    """A name of the tenant for people; the tenant itself where nobody knows better."""
    return _provider.tenant_label(tenant)


def tenant_zone(tenant: str) -> str:
    """IANA name of the tenant's zone; UTC where nobody knows better."""
    return _provider.tenant_zone(tenant)

"""Whose jobs a question is about."""

from queues.counts.fold import EVERY_TENANT


def counted_tenants(tenant: str | None, tenants: frozenset[str] | None) -> list[str]:
    """The tenants whose count rows add up to the answer: the sum's row for all, else those asked for and visible."""
    if tenant is None:
        return [EVERY_TENANT] if tenants is None else sorted(tenants - {EVERY_TENANT})
    if tenant == EVERY_TENANT or (tenants is not None and tenant not in tenants):
        return []
    return [tenant]

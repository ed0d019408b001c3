"""Which tenants there are, as far as queues know: those that ever had a job counted, or are paused."""

from queues.counts.fold import EVERY_TENANT
from queues.models import JobCount, QueueTenant


def known_tenants(queue: str | None = None) -> set[str]:
    """Tenants of one queue, or of all; without the sum's row and the jobs of no tenant."""
    counted, paused = JobCount.objects.all(), QueueTenant.objects.all()
    if queue is not None:
        counted, paused = counted.filter(queue=queue), paused.filter(queue=queue)
    found = {*counted.values_list("tenant", flat=True), *paused.values_list("tenant", flat=True)}
    return found - {EVERY_TENANT, ""}

"""Which tenants there are: those that the application knows, that ever had a job counted, or that are paused."""

from queues import scope
from queues.counts.fold import EVERY_TENANT
from queues.models import JobCount, QueueTenant


def known_tenants(queue: str | None = None) -> set[str]:
    """Tenants of one queue, or of all, as far as one can tell; without the sum's row and the jobs of no tenant."""
    counted, paused = JobCount.objects.all(), QueueTenant.objects.all()
    if queue is not None:
        counted, paused = counted.filter(queue=queue), paused.filter(queue=queue)
    found = {*counted.values_list("tenant", flat=True), *paused.values_list("tenant", flat=True)}
    return (found | scope.all_tenants()) - {EVERY_TENANT, ""}

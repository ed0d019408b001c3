"""The default recurrences of the scanning queues: one for each active workplace, on its own clock."""

from collections.abc import Iterator, Mapping

from engagement.models import Workplace
from engagement.queues import QueueName
from queues.config import QueueConfig
from queues.recurring import declared

#: Queue -> what its jobs are told besides the workplace.
SCANS: Mapping[QueueName, Mapping[str, bool]] = {
    QueueName.FOLLOW_UP_MONITOR: {"checkOverdue": True, "escalateCritical": True},
    QueueName.ADHERENCE_CHECK: {},
    QueueName.APPOINTMENT_STATUS: {"checkNoShows": True, "autoUpdateStatus": True},
}


def for_each_workplace(config: QueueConfig) -> Iterator[declared.Declared]:
    """The recurrences that a scanning queue's schedule stands for."""
    options = SCANS[QueueName(config.name)]
    for workplace in Workplace.objects.filter(active=True).order_by("slug"):
        data = {"workplaceId": str(workplace.id), **options}
        yield declared.Declared(workplace.slug, data, workplace.timezone)


def register() -> None:
    """Let the scheduler ask."""
    for queue in SCANS:
        declared.register(queue, for_each_workplace)

"""The recurrences that queues are declared with: made into rows once, and left to staff as soon as they edit them."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import structlog

from queues import registry
from queues.config import QueueConfig
from queues.errors import InvalidJobData
from queues.models import RecurringJob
from queues.recurring import adding, schedules
from queues.recurring.cron import parse, zone

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Declared:
    """One recurrence of a queue: its name, the data of its jobs, and on whose clock it goes."""

    name: str
    data: Mapping[str, Any]
    timezone: str = "UTC"


Planner = Callable[[QueueConfig], Iterable[Declared]]
_planners: dict[str, Planner] = {}


def register(queue: object, planner: Planner) -> None:
    """Let ``planner`` say which recurrences a queue's ``schedule`` stands for, such as one for each clinic.

    Without one, a queue has a single recurrence without data, if its schema allows that.
    """
    _planners[str(getattr(queue, "value", queue))] = planner


def sync() -> None:
    """Make the rows of what is declared, and bring those in line that nobody has edited.

    A recurrence of a queue that no actor consumes yet is made but rests, as does one that is not declared any more.
    """
    for config in registry.all_queues():
        if config.schedule is not None:
            kept = {declared.name for declared in _planned(config) if _sync_one(config, declared)}
            gone = RecurringJob.objects.filter(queue=config.name, source="settings", edited_by="", enabled=True)
            for row in gone.exclude(name__in=kept):
                schedules.disable_recurring_job(row.pk)


def differences(row: RecurringJob) -> dict[str, tuple[Any, Any]]:
    """What the declaration says and what the row says, by field, where they differ; empty for one not declared."""
    config = registry.find(row.queue)
    if row.source != "settings" or config is None or config.schedule is None:
        return {}
    for declared in _planned(config):
        if declared.name == row.name:
            wanted = _values(config, declared)
            return {
                field: (wanted[field], getattr(row, field))
                for field in ("cron", "timezone", "data", "enabled")
                if wanted[field] != getattr(row, field)
            }
    return {}


def _planned(config: QueueConfig) -> list[Declared]:
    planner = _planners.get(config.name)
    if planner is not None:
        return list(planner(config))
    try:
        adding.check(config.name, {})
    except InvalidJobData:
        return []
    return [Declared("default", {})]


def _sync_one(config: QueueConfig, declared: Declared) -> bool:
    """Whether the recurrence has its row."""
    try:
        values = _values(config, declared)
    except InvalidJobData as error:
        log.warning("declared_schedule_refused", queue=config.name, name=declared.name, error=str(error))
        return False
    row, created = schedules.ensure(config.name, declared.name, values, source="settings")
    if not created and row.source == "settings" and not row.edited_by:
        schedules.change_recurring_job(row.pk, **{k: v for k, v in values.items() if k != "tenant"})
    return True


def _values(config: QueueConfig, declared: Declared) -> dict[str, Any]:
    _, data, tenant = adding.check(config.name, dict(declared.data))
    return {
        "cron": parse(config.schedule),
        "timezone": zone(declared.timezone).key,
        "data": data,
        "tenant": tenant,
        "enabled": config.actor is not None,
    }

"""What the declared queues say, looked at without any server."""

from typing import Any

from django.core import checks

from queues import registry
from queues.config import QueueConfig, no_tenant
from queues.recurring.cron import InvalidSchedule, parse


@checks.register("queues")
def check_declarations(_app_configs: Any = None, **_kwargs: Any) -> list[checks.CheckMessage]:
    """Two queues of one name, a schedule that can never fall due, a schema whose jobs belong to nobody."""
    configs = list(registry.all_queues())
    found: list[checks.CheckMessage] = [*_names(configs)]
    for config in configs:
        found += [*_schedule(config), *_tenant(config)]
    return found


def _names(configs: list[QueueConfig]) -> list[checks.CheckMessage]:
    """Names that differ only in case: two of one name are refused as they are declared."""
    found: list[checks.CheckMessage] = []
    seen: dict[str, str] = {}
    for config in configs:
        other = seen.setdefault(config.name.lower(), config.name)
        if other != config.name:
            found.append(
                checks.Error(
                    f"Queues {other!r} and {config.name!r} have the same name but for its case.",
                    hint="Give one of them another name: people and URLs cannot tell them apart.",
                    id="queues.E001",
                )
            )
    return found


def _schedule(config: QueueConfig) -> list[checks.CheckMessage]:
    if config.schedule is None:
        return []
    try:
        parse(config.schedule)
    except InvalidSchedule as error:
        return [
            checks.Error(
                f"The schedule of queue {config.name!r} cannot be kept: {error}",
                hint="Correct `schedule` in its declaration, or the setting that overrides it.",
                id="queues.E002",
            )
        ]
    return []


def _tenant(config: QueueConfig) -> list[checks.CheckMessage]:
    if config.schema is None or config.system or config.tenant is not no_tenant:
        return []
    return [
        checks.Error(
            f"Queue {config.name!r} has a schema but no `tenant`.",
            hint="Give its declaration a function from the data to the tenant: without one nobody but those who may "
            "see everything sees its jobs, and all clinics share one turn.",
            id="queues.E003",
        )
    ]

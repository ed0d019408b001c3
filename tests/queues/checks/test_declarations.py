"""What declared queues say is looked at before anything runs."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.core.checks import CheckMessage
from pydantic import BaseModel

from queues import registry
from queues.checks.declarations import check_declarations
from queues.config import QueueConfig


class Data(BaseModel):
    """Anything."""


@pytest.fixture(autouse=True)
def no_queues() -> Iterator[None]:
    """Take the project's own declarations away meanwhile."""
    others = list(registry.all_queues())
    for config in others:
        registry.forget(config.name)
    yield
    for name in registry.names():
        registry.forget(name)
    for config in others:
        registry.register(config)


def found(*configs: QueueConfig) -> list[CheckMessage]:
    for config in configs:
        registry.register(config)
    return check_declarations()


def test_what_is_right_is_not_mentioned() -> None:
    tenant: Any = lambda _: "north"  # noqa: E731
    assert (
        found(
            QueueConfig("a", Data, schedule="@hourly", tenant=tenant),
            QueueConfig("b"),
            QueueConfig("c", Data, system=True, tenant=tenant),
        )
        == []
    )


def test_names_that_differ_only_in_case_are_refused() -> None:
    (message,) = found(QueueConfig("Parcels"), QueueConfig("parcels"))
    assert message.id == "queues.E001"
    assert "'Parcels'" in message.msg
    assert "another name" in str(message.hint)


def test_two_queues_of_one_name_are_refused_as_they_are_declared() -> None:
    registry.register(QueueConfig("parcels"))
    with pytest.raises(registry.DuplicateQueue, match="'parcels'"):
        registry.register(QueueConfig("parcels", attempts=9))


@pytest.mark.fault(18)
@pytest.mark.parametrize("schedule", ["0 0 31 2 *", "61 * * * *", "", "whenever"])
def test_a_schedule_that_cannot_fire_is_refused(schedule: str) -> None:
    (message,) = found(QueueConfig("parcels", schedule=schedule))
    assert (message.id, message.is_serious()) == ("queues.E002", True)
    assert "'parcels'" in message.msg


def test_a_schema_without_a_tenant_is_refused_but_for_system_queues() -> None:
    (message,) = found(QueueConfig("parcels", Data), QueueConfig("upkeep", Data, system=True))
    assert message.id == "queues.E003"
    assert "'parcels'" in message.msg


def test_the_projects_own_declarations_pass() -> None:
    from engagement.queues import register_queues  # noqa: PLC0415

    register_queues()
    assert check_declarations() == []

"""The recurrences that queues are declared with."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from django.contrib.auth.models import User

from queues import registry
from queues.config import QueueConfig
from queues.models import RecurringJob
from queues.recurring import declared
from queues.recurring.declared import Declared
from queues.recurring.schedules import change_recurring_job

pytestmark = [pytest.mark.django_db]

Declare = Callable[..., None]


@pytest.fixture
def depots(parcels: QueueConfig) -> list[str]:
    """The depots there are, as the planner sees them."""
    return ["north", "south"]


@pytest.fixture
def declare(parcels: QueueConfig, depots: list[str], monkeypatch: pytest.MonkeyPatch) -> Iterator[Declare]:
    """Declare ``parcels`` again with a schedule, one recurrence for each depot."""
    monkeypatch.setattr(declared, "_planners", {})
    others = {config.name: config for config in registry.all_queues()}
    for name in others:
        registry.forget(name)

    def say(**changes: Any) -> None:
        registry.forget("parcels")
        registry.register(replace(parcels, **{"schedule": "@hourly", **changes}))

    say()
    declared.register("parcels", lambda _: [Declared(depot, {"depot": depot}, "Europe/Berlin") for depot in depots])
    yield say
    for config in others.values():
        registry.forget(config.name)
        registry.register(config)


def rows() -> list[tuple[str, str, str, bool, int]]:
    return list(RecurringJob.objects.values_list("name", "tenant", "cron", "enabled", "revision"))


def test_what_is_declared_is_made_once(declare: Declare) -> None:
    declared.sync()
    declared.sync()
    assert rows() == [("north", "north", "0 * * * *", True, 1), ("south", "south", "0 * * * *", True, 1)]
    row = RecurringJob.objects.get(name="north")
    assert (row.source, row.timezone, row.data) == ("settings", "Europe/Berlin", {"depot": "north"})


def test_rows_that_nobody_edited_follow_the_declaration(declare: Declare, depots: list[str]) -> None:
    # Given rows made of a declaration. When it says another time and another depot.
    declared.sync()
    declare(schedule="0 5 * * *")
    depots[:] = ["south", "east"]
    declared.sync()
    # Then they follow, and what is not declared any more rests, until it is declared again.
    assert rows() == [
        ("east", "east", "0 5 * * *", True, 1),
        ("north", "north", "0 * * * *", False, 2),
        ("south", "south", "0 5 * * *", True, 2),
    ]
    depots.append("north")
    declared.sync()
    assert RecurringJob.objects.get(name="north").enabled


def test_what_staff_edited_is_left_alone_and_the_difference_is_known(declare: Declare) -> None:
    # Given a declared recurrence that staff set to another hour.
    declared.sync()
    row = RecurringJob.objects.get(name="north")
    assert declared.differences(row) == {}
    row = change_recurring_job(row.pk, by=User.objects.create_user("olga"), cron="0 6 * * *")
    # When the declaration is read again, then it stays, and the difference can be shown.
    declared.sync()
    assert RecurringJob.objects.get(name="north").cron == "0 6 * * *"
    assert declared.differences(row) == {"cron": ("0 * * * *", "0 6 * * *")}


def test_a_queue_that_nobody_consumes_rests(declare: Declare) -> None:
    # Given a queue without an actor. When its rows are made, then they rest; with its actor they start.
    declare(actor=None)
    declared.sync()
    assert [row[3] for row in rows()] == [False, False]
    declare()
    declared.sync()
    assert [row[3] for row in rows()] == [True, True]


def test_without_a_planner_there_is_one_if_the_schema_takes_no_data(
    declare: Declare, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(declared, "_planners", {})
    declared.sync()
    assert rows() == []
    declare(schema=None, tenant=lambda _: "", subjects=lambda _: ())
    declared.sync()
    assert rows() == [("default", "", "0 * * * *", True, 1)]


def test_a_recurrence_whose_data_is_refused_does_not_stop_the_others(declare: Declare) -> None:
    declared.register("parcels", lambda _: [Declared("bad", {"dept": "x"}), Declared("good", {"depot": "x"})])
    declared.sync()
    assert [row[0] for row in rows()] == ["good"]


def test_what_was_not_declared_has_no_difference(declare: Declare) -> None:
    row = RecurringJob.objects.create(queue="parcels", name="mine", cron="0 1 * * *", source="code")
    assert declared.differences(row) == {}
    assert declared.differences(RecurringJob(queue="parcels", name="gone", cron="0 1 * * *", source="settings")) == {}

"""What the clinic tells the queue engine: who may see what, recurrences, and what must not run."""

from typing import Any
from uuid import uuid4

import pytest
from django.core.checks import run_checks

from engagement import checks
from engagement.models import StaffMembership
from engagement.queues import QueueName, queue_configs
from engagement.recurrences import for_each_workplace
from queues import scope
from queues.models import RecurringJob
from queues.recurring import declared
from tests.engagement.factories import clinic

pytestmark = pytest.mark.django_db


def test_staff_see_their_workplaces_a_superuser_all_and_others_none(django_user_model: Any) -> None:
    # Given
    mine, other = clinic(), clinic()
    make = django_user_model.objects.create
    member, root, stranger = make(username="m"), make(username="r", is_superuser=True), make(username="s")
    StaffMembership.objects.create(user=member, workplace=mine)

    # Then
    assert scope.tenants_of(member) == {str(mine.id)}
    assert scope.tenants_of(root) is None
    assert scope.tenants_of(stranger) == frozenset()
    assert scope.may_see(member, str(mine.id))
    assert not scope.may_see(member, str(other.id))


def test_who_left_sees_nothing_even_a_superuser(django_user_model: Any) -> None:
    gone = django_user_model.objects.create(username="gone", is_active=False, is_superuser=True)
    StaffMembership.objects.create(user=gone, workplace=clinic())
    assert scope.tenants_of(gone) == frozenset()


def test_a_tenant_has_its_workplaces_name_and_clock() -> None:
    workplace = clinic(timezone="Asia/Kathmandu")
    assert scope.tenant_label(str(workplace.id)) == workplace.name
    assert scope.tenant_zone(str(workplace.id)) == "Asia/Kathmandu"
    assert scope.tenant_label("nobody") == "nobody"
    assert scope.tenant_zone(str(uuid4())) == "UTC"


def test_each_active_workplace_has_its_own_recurrence_on_its_own_clock() -> None:
    # Given
    berlin, tokyo = clinic(), clinic(timezone="Asia/Tokyo")
    clinic(active=False)

    # When
    found = list(for_each_workplace(queue_configs({})[QueueName.FOLLOW_UP_MONITOR]))

    # Then
    assert {(item.name, item.timezone) for item in found} == {
        (berlin.slug, "Europe/Berlin"),
        (tokyo.slug, "Asia/Tokyo"),
    }
    assert {item.data["workplaceId"] for item in found} == {str(berlin.id), str(tokyo.id)}


def test_the_declared_recurrences_fit_their_queues_and_rest_until_somebody_consumes_them() -> None:
    clinic()
    declared.sync()
    rows = {(row.queue, row.cron, row.enabled) for row in RecurringJob.objects.all()}
    assert rows == {
        ("follow-up-monitor", "0 * * * *", False),
        ("adherence-check", "0 3 * * 1", False),
        ("appointment-status", "*/15 * * * *", False),
        ("clinic-upkeep", "*/5 * * * *", True),
    }


def test_production_refuses_the_adapter_that_fails_on_purpose(settings: Any) -> None:
    settings.PRODUCTION = True
    assert "engagement.E001" in {message.id for message in run_checks()}
    settings.ENGAGEMENT = {}
    assert "engagement.E001" not in {message.id for message in run_checks()}


def test_a_workplace_that_uses_it_where_it_is_not_allowed_is_named(settings: Any) -> None:
    workplace = clinic(providers={"sms": {"adapter": "failing"}, "email": {"adapter": "outbox"}})
    assert checks.no_workplace_fails_on_purpose(databases=["default"]) == []
    settings.ENGAGEMENT = {}
    (error,) = checks.no_workplace_fails_on_purpose(databases=["default"])
    assert error.id == "engagement.E002"
    assert workplace.slug in error.msg
    assert checks.no_workplace_fails_on_purpose(databases=[]) == []

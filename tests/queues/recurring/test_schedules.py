"""Making, changing and removing recurring jobs."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection

from queues.errors import InvalidJobData, UnknownQueue
from queues.models import AuditEntry, RecurringJob
from queues.recurring.schedules import (
    change_recurring_job,
    disable_recurring_job,
    enable_recurring_job,
    list_recurring_jobs,
    remove_recurring_job,
    schedule_recurring_job,
)
from queues.recurring.ticks import RecurringJobNotFound

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("parcels")]


@pytest.fixture
def olga() -> User:
    return User.objects.create_user("olga")


def recurring(depot: str = "north", cron: str = "0 * * * *", **given: Any) -> RecurringJob:
    return schedule_recurring_job("parcels", {"depot": depot}, cron, **given)


def test_said_twice_it_is_one() -> None:
    # Given a recurring job. When it is said again, in other spellings of the same.
    first = recurring()
    assert recurring(cron="@hourly").pk == first.pk
    assert recurring(cron=" 0 *  * * *").pk == first.pk
    # Then it is one, and as it was. When another clinic's, zone's or time's is said, then it is another.
    assert list_recurring_jobs() == [first]
    assert first.revision == RecurringJob.objects.get().revision == 1
    others = {recurring("south").pk, recurring(timezone="Europe/Berlin").pk, recurring(cron="5 * * * *").pk}
    assert len(others | {first.pk}) == 4
    assert [row.pk for row in list_recurring_jobs("parcels", tenants={"south"})] == [recurring("south").pk]


@pytest.mark.django_db(transaction=True)
def test_said_by_many_at_once_it_is_one() -> None:
    def say(_: int) -> int:
        try:
            return recurring(name="nightly").pk
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(say, range(16)))) == 1
    assert RecurringJob.objects.count() == 1


def test_said_again_by_name_with_another_time_it_is_changed() -> None:
    first = recurring(name="nightly", cron="0 1 * * *")
    again = recurring(name="nightly", cron="0 2 * * *", misfire="skip")
    assert (again.pk, again.cron, again.misfire, again.revision) == (first.pk, "0 2 * * *", "skip", 2)


def test_what_staff_edited_code_leaves_alone_and_staff_may_change_again(olga: User) -> None:
    # Given a schedule that code made and staff edited.
    row = recurring(name="nightly", cron="0 1 * * *")
    change_recurring_job(row.pk, by=olga, cron="0 3 * * *", reason="backup runs at 1")
    # When code says its own again, then staff's stays. When staff say it, then it changes.
    assert recurring(name="nightly", cron="0 1 * * *").cron == "0 3 * * *"
    assert recurring(name="nightly", cron="0 4 * * *", by=olga).cron == "0 4 * * *"
    assert RecurringJob.objects.get().revision == 3


@pytest.mark.parametrize(
    ("field", "given"),
    [
        ("cron", {"cron": "0 0 31 2 *"}),
        ("timezone", {"timezone": "Mars/Base"}),
        ("misfire", {"misfire": "whatever"}),
        ("priority", {"priority": 9}),
        ("priority", {"priority": True + 4}),
        ("name", {"name": ""}),
        ("name", {"name": "x" * 201}),
        ("name", {"name": "a\x00b"}),
        ("name", {"name": "a\nb"}),
        ("depot", {"depot": None}),
    ],
)
def test_what_cannot_be_kept_is_refused_naming_the_field_and_nothing_is_stored(
    field: str, given: dict[str, Any]
) -> None:
    with pytest.raises(InvalidJobData) as refusal:
        recurring(**given)
    assert list(refusal.value.errors) == [field]
    assert not RecurringJob.objects.exists()


def test_an_unknown_queue_is_refused() -> None:
    with pytest.raises(UnknownQueue):
        schedule_recurring_job("letters", {}, "0 * * * *")


def test_each_change_is_a_revision_and_a_persons_deed_an_audit_entry(olga: User) -> None:
    # Given a recurring job that a person made. When it is disabled, enabled, and changed to what it is.
    row = recurring(by=olga)
    disable_recurring_job(row.pk, by=olga, reason="holidays")
    enable_recurring_job(row.pk, by=olga)
    assert enable_recurring_job(row.pk, by=olga).revision == 3
    remove_recurring_job("parcels", row.name, by=olga)
    # Then each deed is on record, with what was before and after.
    entries = list(AuditEntry.objects.order_by("id").values_list("action", "user_name", "reason", "tenant"))
    assert entries == [
        ("create", "olga", "", "north"),
        ("change", "olga", "holidays", "north"),
        ("change", "olga", "", "north"),
        ("remove", "olga", "", "north"),
    ]
    change = AuditEntry.objects.filter(action="change").order_by("id")[0]
    assert change.before is not None
    assert change.after is not None
    assert (change.before["enabled"], change.after["enabled"]) == (True, False)
    assert row.source == "staff"
    assert not RecurringJob.objects.exists()


@pytest.mark.parametrize("change", [{"cron": "61 * * * *"}, {"data": {}}, {"queue": "letters"}, {"timezone": "x"}])
def test_a_change_that_cannot_be_kept_changes_nothing(change: dict[str, Any]) -> None:
    row = recurring()
    with pytest.raises(InvalidJobData):
        change_recurring_job(row.pk, **change)
    row.refresh_from_db()
    assert (row.revision, row.cron) == (1, "0 * * * *")


def test_the_tenant_follows_the_data() -> None:
    row = change_recurring_job(recurring().pk, data={"depot": "south"})
    assert (row.tenant, row.data) == ("south", {"depot": "south"})


def test_what_is_not_there_or_another_clinics_is_not_found() -> None:
    row = recurring()
    for call in (
        lambda: change_recurring_job(row.pk + 1, enabled=False),
        lambda: disable_recurring_job(row.pk, tenants={"south"}),
        lambda: remove_recurring_job("parcels", row.name, tenants=set()),
        lambda: remove_recurring_job("parcels", "no such"),
    ):
        with pytest.raises(RecurringJobNotFound):
            call()
    assert RecurringJob.objects.count() == 1

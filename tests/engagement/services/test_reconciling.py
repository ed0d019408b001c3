"""Staff settle what nobody knew."""

from typing import Any

import pytest

from engagement.errors import NotUnknown
from engagement.models import Delivery, FollowUpTask
from engagement.services import reconciling
from queues.models import AuditEntry
from tests.engagement.factories import NOON, planned, send, statuses

pytestmark = pytest.mark.django_db


@pytest.fixture
def unknown() -> Delivery:
    due = planned(channels=["sms"], providers={"sms": {"adapter": "failing", "mode": "ambiguous"}})
    send(due)
    return Delivery.objects.get()


def test_it_arrived(unknown: Delivery, django_user_model: Any) -> None:
    # When
    user = django_user_model.objects.create(username="kim")
    reconciling.settle(unknown.id, arrived=True, by=user, now=NOON)

    # Then
    assert statuses(unknown.reminder) == {"sms": "delivered"}
    assert FollowUpTask.objects.get().status == "cancelled"
    entry = AuditEntry.objects.get(action="settle_delivery")
    assert (entry.user_name, entry.object_id, entry.after) == ("kim", str(unknown.id), {"status": "delivered"})


def test_it_did_not_arrive_so_the_task_stays(unknown: Delivery) -> None:
    reconciling.settle(unknown.id, arrived=False, by=None, now=NOON)
    assert statuses(unknown.reminder) == {"sms": "failed not-arrived"}
    assert FollowUpTask.objects.get().status == "requested"


def test_what_is_known_is_left_alone(unknown: Delivery) -> None:
    reconciling.settle(unknown.id, arrived=True, by=None, now=NOON)
    with pytest.raises(NotUnknown, match="delivered"):
        reconciling.settle(unknown.id, arrived=False, by=None, now=NOON)

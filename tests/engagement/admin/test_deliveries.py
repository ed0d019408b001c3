"""Unknown deliveries are listed, and settled by hand."""

import pytest
from django.urls import reverse

from engagement.models import Delivery, Reminder, Workplace
from queues.models import AuditEntry
from tests.engagement import factories
from tests.monitoring.conftest import Clinics, clinics

__all__ = ["clinics"]

pytestmark = pytest.mark.django_db


@pytest.fixture
def unknown(clinics: Clinics) -> Delivery:
    """A message of the operator's clinic of which nobody knows."""
    Workplace.objects.filter(id=clinics.here.id).update(providers={"sms": {"adapter": "failing", "mode": "ambiguous"}})
    who = factories.patient(clinics.here, family_name="Canaryname")
    due: Reminder = factories.reminder(factories.appointment(who), channels=["sms"])
    factories.send(due)
    return Delivery.objects.get(reminder=due)


def test_the_list_shows_what_is_unknown_without_names(clinics: Clinics, unknown: Delivery) -> None:
    address = reverse("admin:engagement_delivery_changelist")
    page = clinics.client("viewer").get(address, {"status__exact": "unknown"}).content.decode()
    assert str(unknown.pk) in page
    assert "Canaryname" not in page


@pytest.mark.parametrize(("deed", "status"), [("arrived", "delivered"), ("lost", "failed")])
def test_an_operator_says_what_became_of_it(clinics: Clinics, unknown: Delivery, deed: str, status: str) -> None:
    # When
    answer = clinics.client("operator").post(reverse(f"admin:engagement_delivery_{deed}", args=[unknown.pk]))

    # Then
    assert answer.status_code == 302
    unknown.refresh_from_db()
    assert unknown.status == status
    assert AuditEntry.objects.get(action="settle_delivery").user_name == "operator"

    # When somebody says it again
    clinics.client("operator").post(reverse(f"admin:engagement_delivery_{deed}", args=[unknown.pk]))

    # Then nothing happens
    assert AuditEntry.objects.filter(action="settle_delivery").count() == 1


def test_a_viewer_only_looks(clinics: Clinics, unknown: Delivery) -> None:
    answer = clinics.client("viewer").post(reverse("admin:engagement_delivery_arrived", args=[unknown.pk]))
    assert answer.status_code == 403
    unknown.refresh_from_db()
    assert unknown.status == "unknown"

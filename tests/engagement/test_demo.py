"""The demo's data: there, mixed, and due at once."""

from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.auth import authenticate

from engagement.demo import create_demo_data
from engagement.models import Appointment, Consent, ContactPoint, Patient, Reminder, Workplace
from queues import scope
from queues.models import Job

pytestmark = pytest.mark.django_db


def test_the_demo_shows_a_clinic_group_with_reminders_due_at_once() -> None:
    # Given
    now = datetime.now(UTC)

    # When
    made = create_demo_data(now)

    # Then
    assert len({workplace.timezone for workplace in Workplace.objects.all()}) == 3
    assert made.patients == Patient.objects.count() == 201
    assert made.appointments == Appointment.objects.count()
    assert made.reminders == Reminder.objects.count() == Job.objects.count() > 500
    soon = Reminder.objects.filter(planned_for__lt=now + timedelta(minutes=2))
    assert soon.values("workplace").distinct().count() == 3
    assert soon.count() >= 20
    assert now < made.first_due < now + timedelta(seconds=30)
    assert {contact.system for contact in ContactPoint.objects.all()} == {"email", "phone"}
    assert {consent.decision for consent in Consent.objects.all()} == {"permit", "deny"}


def test_every_login_works_and_sees_its_clinics() -> None:
    made = create_demo_data(datetime.now(UTC), patients_per_clinic=5, due_soon_per_clinic=2)
    assert [login.role for login in made.logins] == ["viewer", "operator", "admin", "superuser"]
    for login in made.logins:
        user = authenticate(username=login.username, password=login.password)
        assert user is not None
        seen = scope.tenants_of(user)
        assert seen is None if login.role == "superuser" else seen is not None and len(seen) == len(login.workplaces)


def test_again_keeps_people_and_books_only_what_is_due_at_once() -> None:
    now = datetime.now(UTC)
    create_demo_data(now, patients_per_clinic=5, due_soon_per_clinic=2)
    again = create_demo_data(now + timedelta(hours=1), patients_per_clinic=5, due_soon_per_clinic=2)
    assert again.patients == Patient.objects.count() == 15
    assert again.appointments == 6
    assert again.first_due < now + timedelta(hours=1, seconds=30)


def test_again_what_the_provider_refused_for_good_is_tried_again() -> None:
    now = datetime.now(UTC)
    create_demo_data(now, patients_per_clinic=10)
    first = Workplace.objects.get(slug="markt").providers["email"]["contacts"]
    refused = [contact for contact, mode in first.items() if mode == "permanent-recipient"]
    ContactPoint.objects.filter(id__in=refused).update(invalid_at=now, invalid_reason="demo-no-such-address")

    create_demo_data(now + timedelta(hours=1), patients_per_clinic=10)

    assert Workplace.objects.get(slug="markt").providers["email"]["contacts"] == first
    assert not ContactPoint.objects.filter(id__in=refused).exclude(invalid_at=None).exists()


def test_one_provider_misbehaves_and_gives_in_to_a_retry() -> None:
    made = create_demo_data(datetime.now(UTC), patients_per_clinic=10)
    workplace = Workplace.objects.get(name=made.misbehaving)
    email = workplace.providers["email"]
    assert email["adapter"] == "failing"
    assert list(email["contacts"].values()).count("transient") == 2
    assert email["times"] == 5

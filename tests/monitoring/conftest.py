"""Two clinics, somebody in every role, and jobs to look at."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser, User
from django.core.servers.basehttp import WSGIServer
from django.db import connections
from django.test import Client

from engagement.models import Patient, StaffMembership, Workplace
from queues.ids import uuid7
from queues.models import Job
from queues.order.outbox import publisher
from tests.engagement import factories
from tests.queues.rows import make_job

# The live server must let a crowd queue up at its door; by itself it lets ten.
WSGIServer.request_queue_size = 128


@dataclass(frozen=True, slots=True)
class Clinics:
    """What the pages' tests need."""

    here: Workplace
    elsewhere: Workplace
    patient: Patient
    users: dict[str, User | AnonymousUser]

    def client(self, role: str, *, csrf: bool = False) -> Client:
        """A browser that is logged in as somebody."""
        client = Client(enforce_csrf_checks=csrf)
        user = self.users[role]
        if isinstance(user, User):
            client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        return client


def make_user(name: str, workplace: Workplace | None, role: str, **given: Any) -> User:
    """A user with a role at a workplace."""
    user = User.objects.create_user(name, password="correct horse", **{"is_staff": True, **given})
    if workplace is not None:
        StaffMembership.objects.create(user=user, workplace=workplace, role=role)
    return user


@pytest.fixture
def clinics(redis_url: str, db: None) -> Iterator[Clinics]:
    """``viewer``, ``operator`` and ``admin`` work here, ``other`` is an admin elsewhere, ``root`` is over all."""
    publisher.reset()
    here, elsewhere = factories.clinic(name="Here Clinic"), factories.clinic(name="Elsewhere Clinic")
    users: dict[str, User | AnonymousUser] = {
        role: make_user(role, here, role) for role in ("viewer", "operator", "admin")
    }
    users |= {
        "nobody": AnonymousUser(),
        "patient": make_user("patient", here, "admin", is_staff=False),
        "other": make_user("other", elsewhere, "admin"),
        "root": User.objects.create_superuser("root", password="correct horse"),
    }
    yield Clinics(here, elsewhere, factories.patient(here), users)
    publisher.reset()


@pytest.fixture
def reminder_job(clinics: Clinics) -> Callable[..., Job]:
    """Return a function that saves a reminder's job: ``reminder_job("failed", error="…")``."""

    def make(state: str = "failed", workplace: Workplace | None = None, **given: Any) -> Job:
        place = workplace or clinics.here
        ids = {"appointmentId": str(uuid7()), "patientId": str(uuid7()), "workplaceId": str(place.pk)}
        fields: dict[str, Any] = {
            "queue": "appointment-reminder",
            "actor": "appointment_reminder",
            "tenant": str(place.pk),
            "data": {**ids, "reminderType": "24h", "channels": ["email"]},
            "attempts_made": 5 if state == "failed" else 0,
            "max_attempts": 5,
            "error_class": "ProviderUnavailable" if state == "failed" else "",
            "error": "answered 503" if state == "failed" else "",
            **given,
        }
        return make_job(state, **fields)

    return make


@pytest.fixture
def short_connections(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the live server's threads close their connections with each request: the database goes after the tests."""
    monkeypatch.setitem(connections.settings["default"], "CONN_MAX_AGE", 0)

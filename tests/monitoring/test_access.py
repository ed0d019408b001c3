"""Who gets what where: every address of the admin, every role, every method (fault 21's matrix, of the admin)."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from engagement.models import ChannelHold, Delivery, FollowUpTask, OutboxMessage, StaffMembership
from queues.models import Job, RecurringJob
from tests.engagement import factories
from tests.monitoring.conftest import Clinics
from tests.monitoring.matrix import LINES, ROLES, Line, names


@pytest.fixture
def objects(clinics: Clinics, reminder_job: Callable[..., Job]) -> dict[str, str]:
    """A row of this clinic for each gap in an address."""
    here, patient = clinics.here, clinics.patient
    visit = factories.appointment(patient, timezone.now() + timedelta(days=3))
    now = timezone.now()
    recurring = RecurringJob.objects.create(
        name="status", queue="appointment-status", tenant=str(here.pk), cron="*/15 * * * *",
        data={"workplaceId": str(here.pk), "checkNoShows": True, "autoUpdateStatus": True},
    )  # fmt: skip
    message = OutboxMessage.objects.create(
        workplace=here, channel="sms", idempotency_key="appt:x", recipient="+4915112345678", body="Hello", language="en"
    )
    task = FollowUpTask.objects.create(
        workplace=here, patient=patient, reason="phone-patient", about="appointment:x:1", due_at=now
    )
    hold = ChannelHold.objects.create(workplace=here, channel="sms", provider_code="20003", since=now)
    due = factories.reminder(visit)
    delivery = Delivery.objects.create(
        workplace=here, reminder=due, channel="sms", idempotency_key="k", status="unknown", reason="ambiguous-answer",
        claim_token=due.id, claimed_at=now,
    )  # fmt: skip
    return {
        "delivery": str(delivery.pk),
        "job": str(reminder_job("failed").pk),
        "recurring": str(recurring.pk),
        "here": str(here.pk),
        "patient": str(patient.pk),
        "appointment": str(visit.pk),
        "reminder": str(due.pk),
        "outboxmessage": str(message.pk),
        "followuptask": str(task.pk),
        "channelhold": str(hold.pk),
        "workplace": str(here.pk),
        "staffmembership": str(StaffMembership.objects.get(user__username="viewer").pk),
        "user": str(clinics.users["viewer"].pk),
        "group": str(Group.objects.get(name="Viewer").pk),
    }


def test_every_address_has_a_line() -> None:
    lines = {line.name for line in LINES}
    assert names() - lines == set(), "add the new addresses to tests/monitoring/matrix.py"
    assert lines - names() == set(), "these addresses are gone; take their lines away"


@pytest.mark.fault(21)
@pytest.mark.parametrize("line", LINES, ids=lambda line: "-".join((line.name, *line.args[1:])))
def test_each_role_gets_what_the_matrix_says(line: Line, clinics: Clinics, objects: dict[str, str]) -> None:
    address = reverse(f"admin:{line.name}", args=[objects.get(arg, arg) for arg in line.args])
    data = {name: objects.get(value, value) for name, value in line.data.items()}
    found: dict[str, Any] = {}
    for method, expected in (("get", line.get), ("post", line.post)):
        if expected:
            found[method] = " ".join(str(_status(clinics, role, method, address, data)) for role in ROLES)
    assert found == {method: text for method, text in (("get", line.get), ("post", line.post)) if text}


def _status(clinics: Clinics, role: str, method: str, address: str, data: dict[str, str]) -> int:
    """What a role gets; whatever it changed is undone before the next."""
    with transaction.atomic():
        status: int = getattr(clinics.client(role), method)(address, data).status_code
        transaction.set_rollback(True)
    return status


@pytest.mark.fault(21)
def test_other_methods_are_refused(clinics: Clinics, objects: dict[str, str]) -> None:
    root = clinics.client("root")
    for line in LINES:
        if line.post and line.get:
            address = reverse(f"admin:{line.name}", args=[objects.get(arg, arg) for arg in line.args])
            answers = {method: root.generic(method, address).status_code for method in ("PUT", "PATCH", "DELETE")}
            assert answers == {"PUT": 405, "PATCH": 405, "DELETE": 405}, address


def test_an_inactive_user_is_sent_to_the_log_in_page(clinics: Clinics) -> None:
    admin = clinics.client("admin")
    user: Any = clinics.users["admin"]
    user.is_active = False
    user.save()
    assert admin.get(reverse("admin:jobs")).status_code == 302


def test_a_role_holds_at_its_own_workplace_only(clinics: Clinics, reminder_job: Callable[..., Job]) -> None:
    # Given somebody who operates here and only looks on elsewhere
    user: Any = clinics.users["operator"]
    StaffMembership.objects.create(user=user, workplace=clinics.elsewhere, role="viewer")
    job = reminder_job("failed", clinics.elsewhere)
    operator = clinics.client("operator")
    # Then the job elsewhere can be seen, but nothing done to it
    page = operator.get(reverse("admin:job", args=[job.pk]))
    assert page.status_code == 200
    assert "Retry…" not in page.content.decode()
    assert operator.post(reverse("admin:job-act", args=[job.pk, "retry"])).status_code == 403
    operator.post(reverse("admin:jobs-retry"), {"job": str(job.pk)})
    job.refresh_from_db()
    assert (job.state, job.run) == ("failed", 1)

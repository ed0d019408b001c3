"""The overview: counts, health in sentences, and pausing by those who may."""

from collections.abc import Callable

from django.urls import reverse

from queues.models import AuditEntry, Job, Queue, QueueTenant
from tests.monitoring.conftest import Clinics

QUEUE = "appointment-reminder"


def test_counts_are_those_of_the_users_clinics(clinics: Clinics, reminder_job: Callable[..., Job]) -> None:
    for state in ("failed", "failed", "waiting"):
        reminder_job(state)
    reminder_job("failed", clinics.elsewhere)

    def failed(role: str) -> dict[str, int]:
        cards = clinics.client(role).get(reverse("admin:queues")).context["cards"]
        (card,) = (each for each in cards if each["name"] == QUEUE)
        return {title: count for title, count, _tone, _link in card["figures"]}

    assert failed("viewer") == {"Waiting": 1, "Active": 0, "Delayed": 0, "Completed": 0, "Failed": 2}
    assert failed("other")["Failed"] == 1
    assert failed("root")["Failed"] == 3


def test_health_says_what_to_do(clinics: Clinics) -> None:
    page = clinics.client("viewer").get(reverse("admin:queues")).content.decode()
    assert "No live worker consumes the queue. Start one with" in page
    assert '<code class="q-mono">manage.py rundramatiq</code>' in page


def test_an_administrator_pauses_and_resumes_the_own_workplace(clinics: Clinics) -> None:
    admin, tenant = clinics.client("admin"), str(clinics.here.pk)
    # When the own workplace is paused in a queue
    admin.post(reverse("admin:queue-pause", args=[QUEUE]), {"tenant": tenant, "reason": "number changes"})
    # Then it is, by whom and why is shown, and the queue goes on for others
    row = QueueTenant.objects.get(queue=QUEUE, tenant=tenant)
    assert (row.paused, row.paused_by, row.paused_reason) == (True, "admin", "number changes")
    page = admin.get(reverse("admin:queues")).content.decode()
    assert "Paused for" in page
    assert "“number changes”" in page
    assert "partly paused" in page
    assert not Queue.objects.filter(paused=True).exists()
    # And when it is resumed
    admin.post(reverse("admin:queue-resume", args=[QUEUE]), {"tenant": tenant})
    row.refresh_from_db()
    assert not row.paused
    actions = AuditEntry.objects.filter(object_type="queue", tenant=tenant).order_by("id")
    assert list(actions.values_list("action", "reason")) == [("pause", "number changes"), ("resume", "")]


def test_a_whole_queue_is_paused_by_those_over_all_workplaces_only(clinics: Clinics) -> None:
    address = reverse("admin:queue-pause", args=[QUEUE])
    refused = clinics.client("admin").post(address, {"tenant": "", "reason": "all of it"})
    assert (refused.status_code, Queue.objects.filter(paused=True).count()) == (400, 0)
    foreign = clinics.client("admin").post(address, {"tenant": str(clinics.elsewhere.pk), "reason": "theirs"})
    assert (foreign.status_code, QueueTenant.objects.count()) == (400, 0)
    clinics.client("root").post(address, {"tenant": "", "reason": "all of it"})
    assert Queue.objects.get(name=QUEUE).paused
    assert 'Paused for <strong class="q-strong">every workplace</strong> by root' in (
        clinics.client("viewer").get(reverse("admin:queues")).content.decode()
    )


def test_a_pause_wants_a_reason(clinics: Clinics) -> None:
    answer = clinics.client("root").post(reverse("admin:queue-pause", args=[QUEUE]), {"tenant": ""})
    assert answer.status_code == 400
    assert "This field is required." in answer.content.decode()
    assert not Queue.objects.filter(paused=True).exists()


def test_a_queue_that_is_not_there_is_not_found(clinics: Clinics) -> None:
    root = clinics.client("root")
    assert root.get(reverse("admin:queue-pause-confirm", args=["letters"])).status_code == 404
    assert root.post(reverse("admin:queue-pause", args=["letters"]), {"reason": "x"}).status_code == 404

"""The clinic's pages: masked, scoped, and changed through the services that keep reminders in step."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from engagement.models import Appointment, Consent, ContactPoint, Delivery, FollowUpTask, OutboxMessage, Reminder
from queues.models import AuditEntry, Job
from tests.engagement import factories
from tests.monitoring.conftest import Clinics, clinics

__all__ = ["clinics"]

LISTS = ("appointment", "reminder", "delivery", "outboxmessage", "followuptask", "patient", "channelhold")


def url(model: str, page: str, *args: Any) -> str:
    """The address of a clinic's page."""
    return reverse(f"admin:engagement_{model}_{page}", args=args)


def html(client: Client, address: str, **asked: str) -> str:
    """What a page says."""
    answer = client.get(address, asked)
    assert answer.status_code == 200
    return answer.content.decode()


@pytest.fixture
def canary(clinics: Clinics) -> Reminder:
    """A reminder of somebody whose name and contacts must not be seen, sent on one channel and failed on the other."""
    who = factories.patient(clinics.here, given_name="Canary", family_name="Zeisig")
    reminder = factories.reminder(factories.appointment(who, timezone.now() + timedelta(days=2)))
    now = timezone.now()
    claimed = {"claim_token": who.pk, "claimed_at": now}
    Delivery.objects.create(
        workplace=who.workplace, reminder=reminder, channel="email", idempotency_key="k:email", status="sent",
        sent_at=now, provider_id="outbox-1", **claimed,
    )  # fmt: skip
    Delivery.objects.create(
        workplace=who.workplace, reminder=reminder, channel="sms", idempotency_key="k:sms", status="failed",
        reason="recipient-refused",
    )  # fmt: skip
    address = ContactPoint.objects.get(patient=who, system="email").value
    OutboxMessage.objects.create(
        workplace=who.workplace, channel="email", idempotency_key="k:email", recipient=address, subject="Visit",
        body="Your visit <b>is</b> on Monday", language="en",
    )  # fmt: skip
    FollowUpTask.objects.create(
        workplace=who.workplace, patient=who, reason="phone-patient", about="appointment:x:1", due_at=now
    )
    return reminder


def _personal(reminder: Reminder) -> list[str]:
    contacts = ContactPoint.objects.filter(patient=reminder.patient).values_list("value", flat=True)
    return ["Canary", "Zeisig", *contacts]


@pytest.mark.fault(28)
def test_no_list_and_no_page_names_anybody(canary: Reminder, clinics: Clinics) -> None:
    root = clinics.client("root")
    message, task = OutboxMessage.objects.get(), FollowUpTask.objects.get()
    pages = [
        *(url(model, "changelist") for model in LISTS),
        url("patient", "change", canary.patient_id),
        url("appointment", "change", canary.appointment_id),
        url("reminder", "change", canary.pk),
        url("outboxmessage", "change", message.pk),
        url("followuptask", "change", task.pk),
        url("patient", "history", canary.patient_id),
    ]
    for page in pages:
        shown = html(root, page)
        assert [word for word in _personal(canary) if word in shown] == [], page


def test_names_are_shown_to_who_asks_and_that_is_written_down(canary: Reminder, clinics: Clinics) -> None:
    operator, page = clinics.client("operator"), url("patient", "change", canary.patient_id)
    assert "C… Z…" in html(operator, page)
    # When an operator asks
    operator.post(url("patient", "reveal", canary.patient_id))
    # Then that browser sees them, others do not, and the audit says who asked
    assert [word for word in _personal(canary) if word not in html(operator, page)] == []
    assert "Zeisig" not in html(clinics.client("operator"), page)
    entry = AuditEntry.objects.get(action="reveal")
    assert (entry.user_name, entry.object_id) == ("operator", str(canary.patient_id))


def test_rows_of_other_clinics_are_neither_listed_nor_found(canary: Reminder, clinics: Clinics) -> None:
    other = clinics.client("other")
    for model in LISTS:
        assert other.get(url(model, "changelist")).context["cl"].result_count == 0, model
    assert other.get(url("patient", "changelist"), {"q": "Zeis"}).context["cl"].result_count == 0
    assert other.post(url("patient", "reveal", canary.patient_id)).status_code == 404


def test_did_this_patients_reminder_go_out(canary: Reminder, clinics: Clinics) -> None:
    viewer = clinics.client("viewer")
    listed = html(viewer, url("reminder", "changelist"), q=str(canary.patient_id))
    assert "Email sent" in listed
    assert "SMS failed" in listed
    page = html(viewer, url("reminder", "change", canary.pk))
    assert "The provider refused the address for good" in page
    assert "outbox-1" in page
    assert reverse("admin:job", args=[canary.job_id]) in page


def test_a_message_is_read_on_its_own_page_only(canary: Reminder, clinics: Clinics) -> None:
    viewer, message = clinics.client("viewer"), OutboxMessage.objects.get()
    assert "on Monday" not in html(viewer, url("outboxmessage", "changelist"))
    assert "Your visit &lt;b&gt;is&lt;/b&gt; on Monday" in html(viewer, url("outboxmessage", "change", message.pk))


def test_booking_plans_reminders_with_their_jobs(clinics: Clinics) -> None:
    # Given a patient of a clinic in Berlin; when a visit is booked from the patient's page
    who = clinics.patient
    given = {"start": "2031-06-02T09:00", "end": "2031-06-02T09:30", "practitioner": "Dr Weiss"}
    clinics.client("operator").post(url("patient", "book", who.pk), given)
    # Then its start is by the clinic's clock, and three reminders have their jobs
    visit = Appointment.objects.get(patient=who)
    assert visit.start is not None
    assert visit.start.isoformat() == "2031-06-02T07:00:00+00:00"
    jobs = Job.objects.filter(pk__in=visit.reminders.values("job_id"))
    assert sorted(jobs.values_list("state", flat=True)) == ["delayed"] * 3
    assert AuditEntry.objects.get(action="book").object_id == str(visit.pk)
    # And when it is moved, then cancelled, they follow
    operator = clinics.client("operator")
    operator.post(url("appointment", "reschedule", visit.pk), {"start": "2031-06-03T09:00", "end": "2031-06-03T10:00"})
    visit.refresh_from_db()
    assert (visit.schedule_version, visit.reminders.filter(status="planned").count()) == (2, 3)
    operator.post(url("appointment", "cancel", visit.pk), {"reason": "patient phoned"})
    visit.refresh_from_db()
    assert (visit.status, visit.reminders.filter(status="planned").count()) == ("cancelled", 0)


@pytest.mark.parametrize(
    ("end", "words"), [("2031-06-02T08:00", "must be after the start"), ("", "This field is required")]
)
def test_a_booking_that_cannot_be_is_explained(end: str, words: str, clinics: Clinics) -> None:
    given = {"start": "2031-06-02T09:00", "end": end}
    answer = clinics.client("operator").post(url("patient", "book", clinics.patient.pk), given)
    assert answer.status_code == 400
    assert words in answer.content.decode()
    assert AuditEntry.objects.filter(action="book").count() == 0


def test_a_contact_is_brought_into_its_one_form(clinics: Clinics) -> None:
    operator, address = clinics.client("operator"), url("patient", "contact", clinics.patient.pk)
    given = {"system": "sms", "value": "+49 1511 7654321", "use": "mobile", "rank": "2"}
    operator.post(address, given)
    assert ContactPoint.objects.filter(patient=clinics.patient, value="+4915117654321", rank=2).exists()
    refused = operator.post(address, {**given, "value": "0151 canary"})
    assert refused.status_code == 400
    assert "is not a telephone number with a country code" in refused.content.decode()


def test_a_consent_is_added_never_changed(clinics: Clinics) -> None:
    given = {"channel": "sms", "purpose": "any", "decision": "deny", "evidence": "phone call"}
    clinics.client("operator").post(url("patient", "consent", clinics.patient.pk), given)
    newest = Consent.objects.filter(patient=clinics.patient, channel="sms").order_by("-decided_at")
    assert list(newest.values_list("decision", flat=True)) == ["deny", "permit"]


def test_a_task_is_taken_up_and_closed(canary: Reminder, clinics: Clinics) -> None:
    task = FollowUpTask.objects.get()
    owner: Any = clinics.users["operator"]
    given = {"status": "completed", "priority": "routine", "business_status": "reached", "owner": str(owner.pk)}
    answer = clinics.client("operator").post(url("followuptask", "change", task.pk), given)
    assert answer.status_code == 302
    task.refresh_from_db()
    assert (task.status, task.owner_id) == ("completed", owner.pk)
    entry = AuditEntry.objects.get(object_type="followuptask")
    assert entry.after == {"fields": ["business_status", "owner", "status"]}


def test_a_patient_is_entered_only_where_the_role_holds(clinics: Clinics) -> None:
    given = {"given_name": "Ada", "family_name": "New", "birth_date": "", "language": "", "timezone": ""}
    operator = clinics.client("operator")
    operator.post(url("patient", "add"), {**given, "workplace": str(clinics.here.pk)})
    refused = operator.post(url("patient", "add"), {**given, "workplace": str(clinics.elsewhere.pk)})
    assert refused.status_code == 200
    assert "Select a valid choice" in refused.content.decode()
    assert clinics.here.patients.filter(family_name="New").count() == 1
    assert clinics.elsewhere.patients.count() == 0


def test_providers_settings_are_for_those_who_may_change_them(clinics: Clinics) -> None:
    clinics.here.providers = {"sms": {"adapter": "outbox", "note": "settings-canary"}}
    clinics.here.save()
    page = url("workplace", "change", clinics.here.pk)
    assert "settings-canary" not in html(clinics.client("viewer"), page)
    assert "settings-canary" in html(clinics.client("admin"), page)

"""What staff do from a patient's page: book a visit, write down a contact or a consent, have details shown."""

from typing import Any

from django import forms
from django.http import HttpRequest
from django.utils import timezone

from engagement.admin.deeds import Deed, field, moment
from engagement.admin.revealing import reveal
from engagement.models import Patient
from engagement.services import booking, consents, contacts
from engagement.terms import Channel, ConsentDecision, ConsentPurpose, ContactSystem, ContactUse
from queues import audit


class _About(forms.Form):
    """A form about a row that it needs nothing of."""

    def __init__(self, _row: Patient, data: Any = None) -> None:
        super().__init__(data)


class Booking(_About):
    """A visit."""

    start = moment("Start")
    end = moment("End")
    practitioner = forms.CharField(label="Practitioner", required=False, max_length=200, widget=field())


class NewContact(_About):
    """A contact."""

    system = forms.ChoiceField(label="Kind", choices=ContactSystem.choices, widget=field(forms.Select))
    value = forms.CharField(
        label="Address or number", max_length=254, widget=field(), help_text="Numbers with their country code: +49 …"
    )
    use = forms.ChoiceField(label="Use", choices=ContactUse.choices, widget=field(forms.Select))
    rank = forms.IntegerField(
        label="Rank", min_value=1, max_value=99, initial=1, help_text="1 is tried first.",
        widget=field(forms.NumberInput),
    )  # fmt: skip


class NewConsent(_About):
    """A decision."""

    channel = forms.ChoiceField(label="Channel", choices=Channel.choices, widget=field(forms.Select))
    purpose = forms.ChoiceField(label="About", choices=ConsentPurpose.choices, widget=field(forms.Select))
    decision = forms.ChoiceField(label="Decision", choices=ConsentDecision.choices, widget=field(forms.Select))
    evidence = forms.CharField(
        label="Evidence", max_length=200, widget=field(), help_text="How it is known: a form's number, a phone call."
    )


def _book(request: HttpRequest, patient: Patient, given: dict[str, Any]) -> str:
    visit = booking.book(workplace=patient.workplace, patient=patient, **given)
    after = {"start": given["start"].isoformat()}
    audit.record(request.user, "book", "appointment", visit.pk, tenant=str(patient.workplace_id), after=after)
    planned = visit.reminders.count()
    return (
        f"Booked; {planned} reminder{'' if planned == 1 else 's'} planned."
        if planned
        else "Booked; no reminder is due any more."
    )


def _add_contact(request: HttpRequest, patient: Patient, given: dict[str, Any]) -> str:
    made = contacts.add(
        patient, ContactSystem(given["system"]), given["value"], use=ContactUse(given["use"]), rank=given["rank"]
    )
    after = {"system": made.system, "rank": made.rank}
    audit.record(request.user, "add_contact", "contactpoint", made.pk, tenant=str(patient.workplace_id), after=after)
    return "The contact is written down."


def _add_consent(request: HttpRequest, patient: Patient, given: dict[str, Any]) -> str:
    made = consents.record(
        patient,
        Channel(given["channel"]),
        ConsentDecision(given["decision"]),
        purpose=ConsentPurpose(given["purpose"]),
        evidence=given["evidence"],
        decided_at=timezone.now(),
    )
    after = {"channel": made.channel, "decision": made.decision}
    audit.record(request.user, "add_consent", "consent", made.pk, tenant=str(patient.workplace_id), after=after)
    return "The decision is written down and holds from now on."


DEEDS = (
    Deed(
        name="book",
        title="Book a visit",
        icon="event",
        question="Book a visit at {workplace}",
        consequence="Its reminders are planned in the same moment.",
        run=_book,
        form=Booking,
        offered=lambda patient: patient.active and patient.deceased_at is None,
    ),
    Deed(
        name="contact",
        title="Add a contact",
        icon="contact_phone",
        question="Add a contact",
        consequence="One that is there already gets the new use and rank, and counts as valid again.",
        run=_add_contact,
        form=NewContact,
    ),
    Deed(
        name="consent",
        title="Record a consent",
        icon="verified_user",
        question="Record what the patient decided",
        consequence="The newest decision holds. None is ever changed or removed.",
        run=_add_consent,
        form=NewConsent,
    ),
    Deed(
        name="reveal",
        title="Show names and contacts",
        icon="visibility",
        question="Show this patient's names and contacts?",
        consequence="They are shown to you for ten minutes. That you asked is written down.",
        run=reveal,
    ),
)

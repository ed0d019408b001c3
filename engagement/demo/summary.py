"""Making the demo's data, and saying what was made."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction

from engagement.demo.clinics import CLINICS, MISBEHAVING, make_clinics
from engagement.demo.people import make_patients
from engagement.demo.staff import DemoLogin, make_staff
from engagement.demo.visits import book_due_soon, book_week
from engagement.models import ContactPoint, Patient, Reminder, Workplace
from engagement.terms import Channel, ContactSystem, ReminderStatus, ReminderType

#: How the misbehaving provider treats the first of its clinic's patients whose reminders fall due.
MISCHIEF = ("transient", "slow", "permanent-recipient", "ambiguous", "transient")
#: It gives in after so many failures of one message: as many as a job has attempts, so that a retry by staff works.
GIVES_IN_AFTER = 5


@dataclass(frozen=True, slots=True)
class DemoSummary:
    """What there is now."""

    workplaces: tuple[str, ...]
    patients: int
    appointments: int
    #: Reminders planned and not sent yet, and when the first of them is due.
    reminders: int
    first_due: datetime
    logins: tuple[DemoLogin, ...]
    #: The clinic whose email provider misbehaves.
    misbehaving: str


@transaction.atomic
def create_demo_data(now: datetime, *, patients_per_clinic: int = 67, due_soon_per_clinic: int = 8) -> DemoSummary:
    """Make three clinics with staff, patients, a week of visits, and some visits whose reminders are due at once.

    Called again it keeps what there is, gives the log-ins new passwords and books anew what is due at once.
    """
    workplaces = make_clinics()
    logins = make_staff(workplaces)
    patients, booked = 0, 0
    for index, clinic in enumerate(CLINICS):
        workplace = workplaces[clinic.slug]
        people = make_patients(clinic, workplace, patients_per_clinic, now)
        soon, rest = people[:due_soon_per_clinic], people[due_soon_per_clinic:]
        if clinic.slug == MISBEHAVING:
            _misbehave(workplace, soon)
        patients += len(people)
        if not workplace.appointments.exists():
            booked += len(book_week(workplace, rest, now))
        # A day before, staff have two hours to retry what failed before it is too late.
        types = (ReminderType.DAY,) if clinic.slug == MISBEHAVING else tuple(ReminderType)
        booked += len(book_due_soon(workplace, soon, now, types=types, offset=timedelta(seconds=2 * index)))
    open_reminders = Reminder.objects.filter(status=ReminderStatus.PLANNED, planned_for__gt=now)
    return DemoSummary(
        workplaces=tuple(workplace.name for workplace in workplaces.values()),
        patients=patients,
        appointments=booked,
        reminders=open_reminders.count(),
        first_due=open_reminders.earliest("planned_for").planned_for,
        logins=logins,
        misbehaving=workplaces[MISBEHAVING].name,
    )


def _misbehave(workplace: Workplace, patients: Sequence[Patient]) -> None:
    """Let the clinic's email provider misbehave towards these patients, each in a way of its own.

    They want email only: at night an SMS would wait for the morning, and the failed job with it.
    """
    for patient in patients:
        patient.preferred_channels = [Channel.EMAIL]
    Patient.objects.bulk_update(patients, ["preferred_channels"])
    emails = ContactPoint.objects.filter(patient__in=patients, system=ContactSystem.EMAIL)
    # What it refused for good the last time is tried again.
    emails.filter(invalid_reason="demo-no-such-address").update(invalid_at=None, invalid_reason="")
    contacts = [str(contact.id) for contact in emails.filter(invalid_at=None).order_by("patient_id")]
    workplace.providers = {
        "email": {
            "adapter": "failing",
            "contacts": dict(zip(contacts, MISCHIEF, strict=False)),
            "times": GIVES_IN_AFTER,
        }
    }
    workplace.save(update_fields=["providers"])

"""Visits of the demo: a week at ordinary hours, and some whose reminders fall due within the first minutes."""

from collections.abc import Sequence
from datetime import datetime, time, timedelta
from random import Random

from engagement.models import Appointment, Patient, Workplace
from engagement.rules.due_times import BEFORE_START
from engagement.rules.local_time import instants
from engagement.services import booking
from engagement.terms import ReminderType

#: How long a visit lasts.
LENGTH = timedelta(minutes=20)
#: How soon the first reminder falls due, and how long after it the next.
FIRST_DUE, DUE_EVERY = timedelta(seconds=15), timedelta(seconds=5)


def book_week(workplace: Workplace, patients: Sequence[Patient], now: datetime) -> list[Appointment]:
    """One visit for each patient, on one of the next seven days between 08:00 and 17:40 of the clinic's clock."""
    random = Random(f"{workplace.slug} {now:%Y-%m-%d}")  # noqa: S311  made-up visits
    today = now.astimezone(workplace.zone).date()
    booked = []
    for patient in patients:
        clock = time(8 + random.randrange(10), 20 * random.randrange(3))
        start = instants(today + timedelta(days=random.randint(1, 7)), clock, workplace.zone)[0]
        booked.append(_book(workplace, patient, start, now))
    return booked


def book_due_soon(
    workplace: Workplace,
    patients: Sequence[Patient],
    now: datetime,
    *,
    types: Sequence[ReminderType],
    offset: timedelta,
) -> list[Appointment]:
    """One visit for each patient such that one of its reminders, in turn of these types, is due shortly."""
    return [
        _book(
            workplace,
            patient,
            now + BEFORE_START[types[number % len(types)]] + FIRST_DUE + offset + number * DUE_EVERY,
            now,
        )
        for number, patient in enumerate(patients)
    ]


def _book(workplace: Workplace, patient: Patient, start: datetime, now: datetime) -> Appointment:
    return booking.book(workplace=workplace, patient=patient, start=start, end=start + LENGTH, now=now)

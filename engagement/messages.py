"""What a reminder says: one template per channel, in the patient's language, on the clinic's clock."""

from dataclasses import dataclass
from datetime import datetime
from functools import partial

from django.template.loader import render_to_string
from django.utils import translation
from django.utils.dateformat import format as format_date
from django.utils.translation import pgettext

from engagement.conf import engagement_settings
from engagement.models import Appointment, Patient, Workplace
from engagement.terms import Channel


@dataclass(frozen=True, slots=True)
class Template:
    """A text in all its channels; the version is raised whenever its wording changes."""

    name: str
    version: int

    def path(self, part: str) -> str:
        """Where a part of it is among the templates."""
        return f"engagement/messages/{self.name}/{part}.txt"


APPOINTMENT = Template("appointment_reminder", version=1)
#: Channels whose messages have a subject or title.
WITH_SUBJECT = (Channel.EMAIL, Channel.PUSH)


@dataclass(frozen=True, slots=True)
class Content:
    """A message's text. ``repr`` does not show it."""

    template_id: str
    template_version: int
    language: str
    subject: str
    body: str

    def __repr__(self) -> str:
        return f"<Content {self.template_id} v{self.template_version}>"


def language_of(patient: Patient, workplace: Workplace) -> str:
    """The patient's language if messages are written in it, else the workplace's, else the first there is."""
    known = engagement_settings().languages
    for wanted in (patient.language, workplace.locale):
        base = wanted.replace("_", "-").partition("-")[0].lower()
        if base in known:
            return base
    return known[0]


def appointment_message(appointment: Appointment, patient: Patient, workplace: Workplace, channel: Channel) -> Content:
    """The reminder of an appointment that has a start: clinic, date and time, telephone; nothing about why."""
    if appointment.start is None:
        raise ValueError("An appointment without a start cannot be announced.")
    language = language_of(patient, workplace)
    with translation.override(language):
        context = {
            "clinic": _one_line(workplace.name),
            "phone": _one_line(workplace.phone),
            "when": _when(appointment.start, workplace, patient),
        }
        render = partial(render_to_string, context=context)
        body = render(APPOINTMENT.path(channel.value)).strip()
        subject = _one_line(render(APPOINTMENT.path(f"{channel.value}_subject"))) if channel in WITH_SUBJECT else ""
    return Content(f"{APPOINTMENT.name}/{channel.value}/{language}", APPOINTMENT.version, language, subject, body)


def _when(start: datetime, workplace: Workplace, patient: Patient) -> str:
    """Absolute date and time on the clinic's clock; the clock is named when it is not the patient's."""
    local = start.astimezone(workplace.zone)
    date = format_date(local, pgettext("date format", "l, j F Y"))
    time = format_date(local, pgettext("time format", "g:i a"))
    if patient.timezone in ("", workplace.timezone):
        return pgettext("when", "%(date)s at %(time)s") % {"date": date, "time": time}
    zone = workplace.timezone.replace("_", " ")
    return pgettext("when", "%(date)s at %(time)s (%(zone)s time)") % {"date": date, "time": time, "zone": zone}


def _one_line(text: str) -> str:
    return " ".join(text.split())

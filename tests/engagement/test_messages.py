"""What patients read: absolute times on the clinic's clock, two languages, nothing about why."""

import gettext
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

import engagement
from engagement.messages import Content, appointment_message, language_of
from engagement.models import Appointment, Patient, Workplace
from engagement.terms import Channel

LOCALE = Path(engagement.__file__).parent / "locale"
#: 14:30 in Berlin.
START = datetime(2026, 12, 1, 13, 30, tzinfo=UTC)


def clinic(**values: str) -> Workplace:
    given = {"name": "Praxis am Markt", "phone": "+49 30 23125 000", "timezone": "Europe/Berlin", "locale": "de"}
    return Workplace(**given | values)


def message(channel: Channel, workplace: Workplace | None = None, **patient: str) -> Content:
    place = workplace or clinic()
    appointment = Appointment(start=START, practitioner="Dr. Fear, Oncology")
    return appointment_message(appointment, Patient(workplace=place, given_name="Kim", **patient), place, channel)


@pytest.mark.parametrize("channel", list(Channel))
@pytest.mark.parametrize(
    ("language", "when"),
    [("en", "Tuesday, 1 December 2026 at 2:30 p.m."), ("de", "Dienstag, 1. Dezember 2026 um 14:30 Uhr")],
)
def test_every_channel_says_clinic_telephone_date_and_time(channel: Channel, language: str, when: str) -> None:
    content = message(channel, language=language)
    text = f"{content.subject}\n{content.body}"
    assert when in text
    assert "Praxis am Markt" in text
    assert "+49 30 23125 000" in text
    assert content.template_id == f"appointment_reminder/{channel}/{language}"


@pytest.mark.parametrize("channel", list(Channel))
@pytest.mark.parametrize("language", ["en", "de"])
def test_no_message_tells_why_or_whom_or_a_relative_day(channel: Channel, language: str) -> None:
    content = message(channel, language=language)
    for word in ("Oncology", "Fear", "Kim", "tomorrow", "morgen", "today", "heute"):
        assert word not in content.subject + content.body


@pytest.mark.parametrize("channel", list(Channel))
def test_texts_that_can_be_answered_say_how_to_opt_out(channel: Channel) -> None:
    assert ("STOP" in message(channel, language="en").body) is (channel in (Channel.SMS, Channel.WHATSAPP))


def test_the_clock_is_named_only_if_it_is_not_the_patients() -> None:
    assert "time zone" not in message(Channel.SMS, language="en").body
    assert "(Europe/Berlin time)" in message(Channel.SMS, language="en", timezone="America/New_York").body
    assert "Europe/Berlin" not in message(Channel.SMS, language="en", timezone="Europe/Berlin").body
    assert "(Zeitzone Europe/Berlin)" in message(Channel.SMS, language="de", timezone="America/New_York").body


@pytest.mark.parametrize(
    ("patients", "workplaces", "expected"),
    [
        ("de", "en", "de"),
        ("", "de", "de"),
        ("tr", "de", "de"),
        ("tr", "tr", "en"),
        ("de-AT", "en", "de"),
        ("EN_us", "de", "en"),
    ],
)
def test_the_language_is_the_patients_else_the_workplaces_else_the_first(
    patients: str, workplaces: str, expected: str
) -> None:
    assert language_of(Patient(language=patients), clinic(locale=workplaces)) == expected


def test_one_patients_text_is_not_the_next_ones() -> None:
    """OpenEMR 7823: a template mutated in a loop, so that later patients got the first one's text."""
    first = message(Channel.SMS, clinic(name="North", phone="1"), language="de")
    second = message(Channel.SMS, clinic(name="South", phone="2"), language="en", timezone="Asia/Tokyo")
    third = message(Channel.SMS, clinic(name="North", phone="1"), language="de")
    assert "South" in second.body
    assert "North" not in second.body
    assert third == first


def test_names_are_not_escaped_and_cannot_break_the_subject() -> None:
    content = message(Channel.EMAIL, clinic(name="Smith & <Sons>\r\nBcc: x@example.org"), language="en")
    assert "Smith & <Sons> Bcc: x@example.org" in content.subject
    assert "\n" not in content.subject
    assert "\r" not in content.subject


def test_a_text_is_not_shown_by_accident() -> None:
    assert "Praxis" not in repr(message(Channel.SMS))


def test_every_sentence_is_translated_and_the_compiled_catalogue_is_up_to_date() -> None:
    """The .mo file is kept with the source, so that nothing needs gettext's tools to run."""
    source = (LOCALE / "de" / "LC_MESSAGES" / "django.po").read_text(encoding="utf-8")
    with (LOCALE / "de" / "LC_MESSAGES" / "django.mo").open("rb") as compiled:
        catalogue = gettext.GNUTranslations(compiled)
    entries = re.findall(
        r'^(?:msgctxt (?P<ctx>.*)\n)?msgid (?P<id>(?:".*"\n)+)msgstr (?P<text>(?:".*"\n?)+)', source, re.MULTILINE
    )
    assert len(entries) > 5
    for context, msgid, text in entries:
        wanted = _unquote(text)
        assert wanted, msgid
        if _unquote(msgid):
            found = (
                catalogue.pgettext(_unquote(context), _unquote(msgid))
                if context
                else catalogue.gettext(_unquote(msgid))
            )
            assert found == wanted


def _unquote(text: str) -> str:
    joined = "".join(re.findall(r'"(.*)"', text))
    return joined.replace("\\n", "\n").replace('\\"', '"').replace("\\\\", "\\")

"""Small pieces of the clinic's pages: links to patients and jobs, badges, times on the workplace's clock."""

from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.urls import NoReverseMatch, reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from engagement.admin import masks
from engagement.models import Patient

#: Status -> tone of its badge; whatever is not named is neutral.
TONES = {
    "planned": "delayed",
    "done": "completed",
    "skipped": "",
    "revoked": "",
    "pending": "",
    "sending": "active",
    "sent": "completed",
    "delivered": "completed",
    "failed": "failed",
    "unknown": "warn",
    "booked": "active",
    "fulfilled": "completed",
    "cancelled": "",
    "noshow": "failed",
    "requested": "warn",
    "in-progress": "active",
    "completed": "completed",
    "on-hold": "warn",
}


def badge(value: str, label: str) -> SafeString:
    """A status with its colour."""
    return format_html('<span class="q-badge q-{}">{}</span>', TONES.get(value, "") or "plain-state", label)


def patient_link(patient: Patient) -> SafeString:
    """The masked name, leading to the patient's page."""
    url = reverse("admin:engagement_patient_change", args=[patient.pk])
    return format_html('<a class="q-name" href="{}" title="Patient {}">{}</a>', url, patient.pk, masks.name(patient))


def job_link(job_id: UUID | None) -> SafeString | str:
    """The job's page, if there is one and pages of jobs are installed."""
    if job_id is None:
        return "–"
    try:
        url = reverse("admin:job", args=[job_id])
    except NoReverseMatch:
        return str(job_id)
    return format_html('<a class="q-mono" href="{}" title="{}">…{}</a>', url, job_id, str(job_id)[-12:])


def local(moment: datetime | None, zone: ZoneInfo) -> SafeString | str:
    """A time on the workplace's clock, its zone named."""
    if moment is None:
        return "–"
    at = moment.astimezone(zone)
    text = f"{at:%a} {at.day} {at:%b %Y, %H:%M} {at:%Z}"
    return format_html('<time class="q-nowrap" datetime="{}">{}</time>', moment.isoformat(), text)


def table(head: tuple[str, ...], rows: list[tuple[Any, ...]]) -> SafeString:
    """A small table within a page; on a phone each row is a card whose cells say what they are."""
    titles = format_html_join("", "<th>{}</th>", ((each,) for each in head))
    lines = (
        (format_html_join("", '<td data-label="{}"><span>{}</span></td>', zip(head, row, strict=True)),) for row in rows
    )
    body = format_html_join("", "<tr>{}</tr>", lines)
    whole = (
        '<div class="q-scroll"><table class="q-table q-stack"><thead><tr>{}</tr></thead><tbody>{}</tbody></table></div>'
    )
    return format_html(whole, titles, body)

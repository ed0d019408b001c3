"""Where a job's subjects lead: the clinic's pages about them."""

from uuid import UUID

from django.urls import reverse

from queues import links


def _page(model: str, word: str, value: str) -> links.SubjectLink | None:
    try:
        key = UUID(value)
    except ValueError:
        return None
    return links.SubjectLink(f"{word} …{value[-12:]}", reverse(f"admin:engagement_{model}_change", args=[key]))


links.register("patient", lambda value: _page("patient", "Patient", value))
links.register("appointment", lambda value: _page("appointment", "Appointment", value))

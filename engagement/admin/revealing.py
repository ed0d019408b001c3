"""Showing names and contacts in full: asked for patient by patient, written down, and over after some minutes."""

import time
from typing import Any

from django.http import HttpRequest

from engagement.models import Patient
from queues import audit

#: How long a patient's details stay shown to who asked, seconds.
SHOWN_S = 600
_KEY = "revealed_patients"


def reveal(request: HttpRequest, patient: Patient, _given: dict[str, Any] | None = None) -> str:
    """Show them to this session for a while, and write down who asked."""
    audit.record(request.user, "reveal", "patient", patient.pk, tenant=str(patient.workplace_id))
    now = time.time()
    kept = {key: until for key, until in request.session.get(_KEY, {}).items() if until > now}
    request.session[_KEY] = {**kept, str(patient.pk): now + SHOWN_S}
    return f"Names and contacts are shown for {SHOWN_S // 60} minutes; that you asked is on record."


def revealed(request: HttpRequest, patient: Patient) -> bool:
    """Whether this session asked lately."""
    until: float = request.session.get(_KEY, {}).get(str(patient.pk), 0.0)
    return until > time.time()

"""Writing down what patients agree to and refuse."""

from datetime import datetime

from engagement.models import Consent, Patient
from engagement.terms import Channel, ConsentDecision, ConsentPurpose


def record(
    patient: Patient,
    channel: Channel,
    decision: ConsentDecision,
    *,
    decided_at: datetime,
    purpose: ConsentPurpose = ConsentPurpose.ANY,
    evidence: str = "",
) -> Consent:
    """Add a decision; it holds from ``decided_at`` until a newer one."""
    return Consent.objects.create(
        patient=patient,
        channel=channel,
        purpose=purpose,
        decision=decision,
        decided_at=decided_at,
        evidence=evidence[:200],
    )

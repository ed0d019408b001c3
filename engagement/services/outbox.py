"""Keeping the outbox short: bodies and addresses are kept for some days, and nowhere else."""

from datetime import datetime, timedelta

from engagement.conf import engagement_settings
from engagement.models import OutboxMessage

#: Rows deleted in one statement.
BATCH = 1000


def prune(now: datetime) -> int:
    """Delete what is older than ``outbox_days``; returns how many messages."""
    oldest = now - timedelta(days=engagement_settings().outbox_days)
    removed = 0
    while True:
        batch = OutboxMessage.objects.filter(created_at__lt=oldest).order_by("created_at").values("id")[:BATCH]
        deleted, _ = OutboxMessage.objects.filter(id__in=batch).delete()
        removed += deleted
        if deleted < BATCH:
            return removed

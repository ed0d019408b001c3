"""Tells APScheduler when to wake for an expression; its own cron differs from cron in days and in DST."""

from datetime import UTC, datetime

import structlog
from apscheduler.triggers.base import BaseTrigger

from queues.recurring.cron import next_time

log = structlog.get_logger(__name__)


class CronTrigger(BaseTrigger):
    """Wakes at the times of a cron expression on a zone's clock."""

    __slots__ = ("cron", "timezone")

    def __init__(self, cron: str, timezone: str) -> None:
        self.cron, self.timezone = cron, timezone

    def get_next_fire_time(self, previous_fire_time: datetime | None, now: datetime) -> datetime | None:
        """The first time after the previous one, or after ``now``; None, so never, for what cannot be read."""
        try:
            return next_time(self.cron, self.timezone, (previous_fire_time or now).astimezone(UTC))
        except Exception:
            # An error here would end APScheduler's only thread. Such a row can only be written past our door.
            log.exception("schedule_unreadable", cron=self.cron[:100])
            return None

    def __str__(self) -> str:
        return f"cron[{self.cron} {self.timezone}]"

"""Tells APScheduler when to wake for an expression; its own cron differs from cron in days and in DST."""

from datetime import UTC, datetime

from apscheduler.triggers.base import BaseTrigger

from queues.recurring.cron import next_time


class CronTrigger(BaseTrigger):
    """Wakes at the times of a cron expression on a zone's clock."""

    __slots__ = ("cron", "timezone")

    def __init__(self, cron: str, timezone: str) -> None:
        self.cron, self.timezone = cron, timezone

    def get_next_fire_time(self, previous_fire_time: datetime | None, now: datetime) -> datetime | None:
        """The first time after the previous one, or after ``now``."""
        return next_time(self.cron, self.timezone, (previous_fire_time or now).astimezone(UTC))

    def __str__(self) -> str:
        return f"cron[{self.cron} {self.timezone}]"

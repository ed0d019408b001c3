"""What a workplace may decide for itself, with our defaults; stored as JSON in ``Workplace.rules``."""

from datetime import time, timedelta
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from engagement.terms import Channel, ReminderKind, ReminderType, TaskPriority

Minutes = Annotated[int, Field(ge=0, le=100_000)]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class SendingWindow(_Part):
    """Local hours within which patients may be disturbed; outside of them it is quiet.

    ``opens`` after ``closes`` is a window across midnight; equal means always open.
    """

    opens: time = time(8)
    closes: time = time(21)


class ReminderTiming(_Part):
    """One reminder type: how late it may still go out, and how near the start it may still be deferred to."""

    late_minutes: Minutes
    deferral_minutes: Minutes

    @property
    def tolerance(self) -> timedelta:
        """How long after its planned send time it may still go out."""
        return timedelta(minutes=self.late_minutes)

    @property
    def deferral_minimum(self) -> timedelta:
        """How long before the start the quiet hours must end for it to wait for that."""
        return timedelta(minutes=self.deferral_minutes)


def _timings() -> dict[ReminderType, ReminderTiming]:
    return {
        ReminderType.DAY: ReminderTiming(late_minutes=120, deferral_minutes=180),
        ReminderType.TWO_HOURS: ReminderTiming(late_minutes=20, deferral_minutes=30),
        ReminderType.QUARTER: ReminderTiming(late_minutes=5, deferral_minutes=5),
    }


def _caps() -> dict[ReminderKind, Annotated[int, Field(ge=0)]]:
    return {ReminderKind.APPOINTMENT: 6, ReminderKind.MEDICATION: 2}


class PhoneTask(_Part):
    """The task that is opened when a reminder could not be delivered."""

    priority: TaskPriority = TaskPriority.ASAP
    #: Minutes from the failure until it is due.
    due_minutes: Minutes = 60


class WorkplaceRules(_Part):
    """All of it. A workplace gives only what differs; the rest are the defaults."""

    sending_window: SendingWindow = SendingWindow()
    #: Channels that quiet hours do not bind.
    quiet_exempt: tuple[Channel, ...] = (Channel.EMAIL,)
    #: Channels that need no consent on record, only no refusal.
    default_permit: tuple[Channel, ...] = (Channel.EMAIL,)
    #: Reminders that are planned at booking.
    reminder_types: tuple[ReminderType, ...] = tuple(ReminderType)
    #: Channels of a patient who has no preference.
    reminder_channels: tuple[Channel, ...] = Field(default=(Channel.EMAIL, Channel.SMS), min_length=1)
    timing: dict[ReminderType, ReminderTiming] = Field(default_factory=_timings)
    #: Messages to one patient in one local day.
    daily_caps: dict[ReminderKind, Annotated[int, Field(ge=0)]] = Field(default_factory=_caps)
    phone_task: PhoneTask = PhoneTask()

    @model_validator(mode="after")
    def _complete(self) -> Self:
        """A workplace that changes one timing or cap keeps the others' defaults."""
        object.__setattr__(self, "timing", _timings() | self.timing)
        object.__setattr__(self, "daily_caps", _caps() | self.daily_caps)
        return self

"""The data of the five queues' jobs: camelCase on the wire, checked when a job is added and again when it runs."""

from typing import Annotated, Any
from uuid import UUID

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, StrictBool, StrictInt
from pydantic.alias_generators import to_camel

from engagement.conf import engagement_settings
from engagement.terms import Channel, ReminderType


def _only_uuid(value: Any) -> UUID:
    """Accept a UUID in its usual 36-character form; pydantic alone would also take bytes and braces."""
    if isinstance(value, UUID):
        return value
    if isinstance(value, str) and len(value) == 36:  # noqa: PLR2004  8-4-4-4-12 and four dashes
        try:
            return UUID(value)
        except ValueError:
            pass
    raise ValueError("must be a UUID such as 0190d5a2-7b1c-7c3e-9f00-3d2a5b6c7d8e")


def _unique(values: list[Channel]) -> list[Channel]:
    if len(set(values)) != len(values):
        raise ValueError("must not name a channel twice")
    return values


def _within_days_range(value: int) -> int:
    least, most = engagement_settings().days_until_due
    if not least <= value <= most:
        raise ValueError(f"must be from {least} to {most}")
    return value


Id = Annotated[UUID, BeforeValidator(_only_uuid)]
Channels = Annotated[list[Channel], Field(min_length=1), AfterValidator(_unique)]


class JobData(BaseModel):
    """What all job data share: camelCase aliases, nothing unknown, nothing mutable."""

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=False, extra="forbid", frozen=True)

    workplace_id: Id

    def wire(self) -> dict[str, Any]:
        """The data as a job carries it; optional fields that were not given are left out."""
        return self.model_dump(mode="json", by_alias=True, exclude_unset=True)


class AppointmentReminderData(JobData):
    """One reminder of one appointment."""

    appointment_id: Id
    patient_id: Id
    reminder_type: ReminderType
    channels: Channels


class FollowUpMonitorData(JobData):
    """One look at a workplace's follow-up tasks."""

    check_overdue: StrictBool
    escalate_critical: StrictBool


class MedicationReminderData(JobData):
    """One reminder about one of a patient's medication requests."""

    patient_id: Id
    medication_id: Id
    reminder_type: Annotated[str, Field(pattern="^(refill|adherence)$")]
    #: Days; negative once the supply has run out.
    days_until_due: Annotated[StrictInt, AfterValidator(_within_days_range)] | None = None


class AdherenceCheckData(JobData):
    """One measurement of chronic patients: absent lists mean all, empty ones none, both their intersection."""

    patient_ids: list[Id] | None = None
    condition_types: list[Annotated[str, Field(min_length=1, max_length=100)]] | None = None


class AppointmentStatusData(JobData):
    """One look at a workplace's appointments that have begun."""

    check_no_shows: StrictBool
    auto_update_status: StrictBool

"""The project's settings of the clinic: ``settings.ENGAGEMENT``, a dictionary, read here and nowhere else."""

from typing import Any

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from pydantic import BaseModel, ConfigDict, Field, ValidationError


class EngagementSettings(BaseModel):
    """Typed settings with their defaults; what a workplace may change stands in :mod:`engagement.workplace_rules`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    #: Changes to the queues' declarations: ``{"appointment-reminder": {"attempts": 7, "backoff": {"delay_ms": 500}}}``.
    queues: dict[str, dict[str, Any]] = Field(default_factory=dict)
    #: Least and most of a medication reminder's daysUntilDue, days.
    days_until_due: tuple[int, int] = (-90, 365)
    #: Languages that messages are written in; others get the first.
    languages: tuple[str, ...] = ("en", "de")
    #: Region of telephone numbers given without a country code (ISO 3166); None refuses them.
    phone_region: str | None = None
    #: How long the outbox keeps what would have gone out, days.
    outbox_days: int = Field(default=7, ge=1)
    #: How long a provider may take to answer, seconds.
    provider_timeout_s: float = Field(default=10.0, gt=0)
    #: How soon a reminder whose channel is on hold looks again, seconds.
    hold_recheck_s: int = Field(default=60, ge=1)
    #: How long sending waits for a booking that holds the appointment, and how soon it then comes again, seconds.
    lock_wait_s: float = Field(default=2.0, gt=0)
    busy_recheck_s: int = Field(default=10, ge=1)
    #: A provider counts as down after so many failures for now in a row, in so many seconds, of so many messages.
    breaker_failures: int = Field(default=10, ge=1)
    breaker_window_s: int = Field(default=60, ge=1)
    breaker_messages: int = Field(default=5, ge=1)
    #: How long a provider that is down is left in peace before the next try, seconds.
    breaker_rest_s: int = Field(default=30, ge=1)
    #: After this a delivery that another job began to send counts as crashed, seconds.
    stale_send_s: int = Field(default=900, ge=1)
    #: The adapter that misbehaves on purpose may be used; production must not say so.
    allow_failing_adapter: bool = False


def engagement_settings() -> EngagementSettings:
    """The settings as they are now; raises ``ImproperlyConfigured`` naming the field that is wrong."""
    try:
        return EngagementSettings.model_validate(getattr(settings, "ENGAGEMENT", {}))
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(str(part) for part in first["loc"])
        raise ImproperlyConfigured(f"ENGAGEMENT[{field!r}]: {first['msg']}.") from None

"""System checks of the clinic."""

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register

from engagement.conf import engagement_settings
from engagement.models import Workplace
from engagement.queues import queue_configs


@register()
def settings_are_right(**_: Any) -> list[CheckMessage]:
    """``ENGAGEMENT`` can be read; raises ``ImproperlyConfigured`` naming what is wrong, so nothing starts."""
    engagement_settings()
    queue_configs()
    return []


@register()
def failing_adapter_stays_out(**_: Any) -> list[CheckMessage]:
    """The adapter that misbehaves on purpose is for demo and tests."""
    if not getattr(settings, "PRODUCTION", False) or not engagement_settings().allow_failing_adapter:
        return []
    return [
        Error(
            "ENGAGEMENT['allow_failing_adapter'] is on.",
            hint="That adapter misbehaves on purpose. Take the setting out; only demo and tests may have it.",
            id="engagement.E001",
        )
    ]


@register(Tags.database)
def no_workplace_fails_on_purpose(*, databases: Sequence[str] | None = None, **_: Any) -> list[CheckMessage]:
    """No workplace sends through the failing adapter where that is not allowed."""
    if "default" not in (databases or ()) or engagement_settings().allow_failing_adapter:
        return []
    return [
        Error(
            f"Workplace {workplace.slug!r} sends {channel} through the failing adapter.",
            hint="Give it another adapter; until then the channel goes on hold at its first message.",
            id="engagement.E002",
        )
        for workplace in Workplace.objects.only("slug", "providers")
        for channel, options in workplace.providers.items()
        if isinstance(options, dict) and options.get("adapter") == "failing"
    ]

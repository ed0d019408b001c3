"""Switching a workplace's channel off when its provider is set up wrongly, and on again when it is mended."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import structlog
from django.db import transaction

from engagement.conf import engagement_settings
from engagement.models import ChannelHold
from engagement.terms import Channel
from queues import audit

log = structlog.get_logger(__name__)


def put(workplace_id: UUID, channel: Channel, *, code: str, now: datetime) -> None:
    """Hold a channel; one that is held already stays so. Logged as an error, once, for somebody must act."""
    _hold, new = ChannelHold.objects.get_or_create(
        workplace_id=workplace_id,
        channel=channel,
        released_at=None,
        defaults={"provider_code": code[:64], "since": now},
    )
    if new:
        log.error(
            "channel on hold: its provider is not set up rightly; mend that, then release the hold",
            tenant=str(workplace_id),
            channel=channel.value,
            code=code,
        )


def held_until(workplace_id: UUID, channel: Channel, now: datetime) -> datetime | None:
    """When to look again whether the channel's hold was released; None if it is not on hold."""
    held = ChannelHold.objects.filter(workplace_id=workplace_id, channel=channel, released_at=None).exists()
    return look_again(now) if held else None


def look_again(now: datetime) -> datetime:
    """When a reminder on a channel that is on hold comes again."""
    return now + timedelta(seconds=engagement_settings().hold_recheck_s)


@transaction.atomic
def release(hold: ChannelHold, *, by: Any, now: datetime) -> bool:
    """Let the channel send again; whether it was held until now."""
    released = ChannelHold.objects.filter(id=hold.id, released_at=None).update(
        released_at=now, released_by=by if getattr(by, "pk", None) else None
    )
    if released:
        audit.record(
            by,
            "release_channel",
            "channelhold",
            hold.id,
            tenant=str(hold.workplace_id),
            after={"channel": hold.channel},
        )
    return bool(released)

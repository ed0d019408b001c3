"""Channels that are on hold because their provider is set up wrongly, and releasing them."""

from typing import Any, ClassVar

from django.contrib import admin
from django.http import HttpRequest
from django.utils import timezone
from django.utils.safestring import SafeString
from unfold.decorators import display

from engagement.admin.base import ReadOnlyForm
from engagement.admin.deeds import Deed, DeedsAdmin
from engagement.admin.shown import local
from engagement.models import ChannelHold
from engagement.services import holds


def _release(request: HttpRequest, hold: ChannelHold, _given: dict[str, Any]) -> str:
    done = holds.release(hold, by=request.user, now=timezone.now())
    return f"{hold.get_channel_display()} at {hold.workplace} sends again." if done else "It had been released already."


@admin.register(ChannelHold)
class ChannelHoldAdmin(ReadOnlyForm, DeedsAdmin):
    """Reminders on a held channel wait until somebody mends the provider's settings and releases it."""

    sidebar_icon, sidebar_order = "phonelink_off", 6
    list_display: ClassVar[Any] = ("channel", "workplace", "provider_code", "held_since", "ended")
    list_filter: ClassVar[Any] = ("channel", ("released_at", admin.EmptyFieldListFilter))
    list_select_related: ClassVar[Any] = ("workplace", "released_by")
    fields: ClassVar[Any] = ("workplace", "channel", "provider_code", "held_since", "ended", "released_by")
    readonly_fields: ClassVar[Any] = fields
    deeds = (
        Deed(
            name="release",
            title="Release",
            icon="play_arrow",
            question="Release this channel at {workplace}?",
            consequence="Waiting reminders go out on it again. Mend the provider's settings first.",
            run=_release,
            offered=lambda hold: hold.released_at is None,
        ),
    )

    @display(description="Since", ordering="since")
    def held_since(self, obj: ChannelHold) -> SafeString | str:
        """On the workplace's clock."""
        return local(obj.since, obj.workplace.zone)

    @display(description="Released", ordering="released_at")
    def ended(self, obj: ChannelHold) -> SafeString | str:
        """On the workplace's clock."""
        return local(obj.released_at, obj.workplace.zone) if obj.released_at else "on hold"

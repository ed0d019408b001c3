"""Channels that are on hold because their provider is set up wrongly, and releasing them."""

from typing import Any, ClassVar

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.views.decorators.http import require_POST, require_safe
from unfold.decorators import display

from engagement.admin.base import ReadOnlyAdmin
from engagement.admin.deeds import ask
from engagement.admin.shown import local
from engagement.models import ChannelHold
from engagement.services import holds


@admin.register(ChannelHold)
class ChannelHoldAdmin(ReadOnlyAdmin):
    """Reminders on a held channel wait until somebody mends the provider's settings and releases it."""

    sidebar_icon, sidebar_order = "phonelink_off", 6
    list_display: ClassVar[Any] = ("channel", "workplace", "provider_code", "held_since", "ended", "deed")
    list_filter: ClassVar[Any] = ("channel", ("released_at", admin.EmptyFieldListFilter))
    list_select_related: ClassVar[Any] = ("workplace", "released_by")
    fields: ClassVar[Any] = ("workplace", "channel", "provider_code", "held_since", "ended", "released_by", "deed")
    readonly_fields: ClassVar[Any] = fields

    @display(description="Since", ordering="since")
    def held_since(self, obj: ChannelHold) -> SafeString | str:
        """On the workplace's clock."""
        return local(obj.since, obj.workplace.zone)

    @display(description="Released", ordering="released_at")
    def ended(self, obj: ChannelHold) -> SafeString | str:
        """On the workplace's clock."""
        return local(obj.released_at, obj.workplace.zone) if obj.released_at else "on hold"

    @display(description="")
    def deed(self, obj: ChannelHold) -> SafeString | str:
        """A link to the page that asks."""
        if obj.released_at is not None:
            return ""
        url = reverse("admin:engagement_channelhold_release_confirm", args=[obj.pk])
        return format_html('<a class="q-button q-slim" href="{}">Release…</a>', url)

    def get_urls(self) -> list[URLPattern]:
        """Besides the usual ones, asking and releasing."""
        site = self.admin_site.admin_view
        return [
            path("<uuid:pk>/release/confirm/", site(require_safe(self.confirm)), name="engagement_channelhold_release_confirm"),
            path("<uuid:pk>/release/", site(require_POST(self.release)), name="engagement_channelhold_release"),
            *super().get_urls(),
        ]

    def confirm(self, request: HttpRequest, pk: Any) -> HttpResponseBase:
        """Ask."""
        hold = self._mine(request, pk)
        return ask(
            self,
            request,
            hold,
            question=f"Release {hold.get_channel_display()} at {hold.workplace}?",
            consequence="Waiting reminders go out on this channel again. Mend the provider's settings first.",
            label="Release",
            action=reverse("admin:engagement_channelhold_release", args=[hold.pk]),
        )

    def release(self, request: HttpRequest, pk: Any) -> HttpResponseBase:
        """Release it."""
        hold = self._mine(request, pk)
        if holds.release(hold, by=request.user, now=timezone.now()):
            messages.success(request, f"{hold.get_channel_display()} at {hold.workplace} sends again.")
        else:
            messages.warning(request, "It had been released already.")
        return redirect("admin:engagement_channelhold_changelist")

    def _mine(self, request: HttpRequest, pk: Any) -> ChannelHold:
        hold: ChannelHold = self.get_object(request, str(pk))
        if not self.may(request, "change", hold):
            raise PermissionDenied("Releasing a channel needs an administrator of the workplace.")
        return hold

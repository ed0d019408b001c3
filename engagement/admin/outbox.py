"""The outbox: what would have gone out where no provider is configured. Bodies stand on a message's own page only."""

from typing import Any, ClassVar

from django.contrib import admin
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.decorators import display

from engagement.admin import masks
from engagement.admin.base import ReadOnlyForm
from engagement.admin.shown import local
from engagement.models import OutboxMessage


@admin.register(OutboxMessage)
class OutboxMessageAdmin(ReadOnlyForm):
    """Newest first."""

    sidebar_icon, sidebar_order = "outbox", 3
    list_display: ClassVar[Any] = ("at", "channel", "to", "language", "workplace", "about")
    list_filter: ClassVar[Any] = ("channel", "language", ("workplace", admin.RelatedOnlyFieldListFilter))
    list_select_related: ClassVar[Any] = ("workplace",)
    search_fields: ClassVar[Any] = ("idempotency_key__startswith", "=id")
    search_help_text = "Idempotency key, such as appt:…"
    fields: ClassVar[Any] = ("at", "workplace", "channel", "to", "language", "subject", "shown_body", "about")
    readonly_fields: ClassVar[Any] = fields

    @display(description="Written", ordering="created_at")
    def at(self, obj: OutboxMessage) -> SafeString | str:
        """On the workplace's clock."""
        return local(obj.created_at, obj.workplace.zone)

    @display(description="To")
    def to(self, obj: OutboxMessage) -> str:
        """The masked address."""
        return masks.value("", obj.recipient)

    @display(description="Effect")
    def about(self, obj: OutboxMessage) -> SafeString:
        """The idempotency key: one message each."""
        return format_html('<span class="q-mono q-break">{}</span>', obj.idempotency_key)

    @display(description="Body")
    def shown_body(self, obj: OutboxMessage) -> SafeString:
        """The text as it would have gone out."""
        return format_html('<pre class="q-pre">{}</pre>', obj.body)

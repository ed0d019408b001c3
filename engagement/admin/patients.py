"""Patients: masked in lists and on their page until somebody asks, with contacts, consents and reminders."""

from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from unfold.decorators import display
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget

from engagement.admin import masks
from engagement.admin.deeds import DeedsAdmin
from engagement.admin.patient_deeds import DEEDS
from engagement.admin.revealing import revealed
from engagement.admin.shown import badge, local, table
from engagement.models import Patient
from engagement.terms import Channel

_NAMES = ("given_name", "family_name", "birth_date")
_DETAILS = ("workplace", "language", "timezone", "active", "deceased_at", "preferred_channels")
#: Reminders shown on a patient's page, the newest.
_REMINDERS = 12


@admin.register(Patient)
class PatientAdmin(DeedsAdmin):
    """Found by the beginning of a name or a whole contact; shown by initials."""

    sidebar_icon, sidebar_order = "groups", 5
    list_display: ClassVar[Any] = ("who", "born", "workplace", "language", "is_active")
    list_filter: ClassVar[Any] = ("active", ("workplace", admin.RelatedOnlyFieldListFilter), "language")
    list_select_related: ClassVar[Any] = ("workplace",)
    search_fields: ClassVar[Any] = ("family_name__istartswith", "given_name__istartswith", "=contacts__value", "=id")
    search_help_text = "Beginning of a name, a whole contact, or an id"
    deeds = DEEDS

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Any:
        """The patient, who carries whether this session may see names; the page's parts are not told the request."""
        found = super().get_object(request, object_id, from_field)
        found.is_revealed = revealed(request, found)
        return found

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """Names only for a new patient, and for who asked to see them."""
        if obj is None:
            return ((None, {"fields": (*_NAMES, "workplace", "language", "timezone", "preferred_channels")}),)
        names = _NAMES if getattr(obj, "is_revealed", False) else ("who", "born")
        return (
            (None, {"fields": (*names, *_DETAILS)}),
            (None, {"fields": ("contacts_table", "consents_table", "reminders_table")}),
        )

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """A patient never moves to another workplace."""
        tables = ("who", "born", "contacts_table", "consents_table", "reminders_table")
        return tables if obj is None else (*tables, "workplace")

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Channels are ticked, not typed."""
        if db_field.name == "preferred_channels":
            return forms.MultipleChoiceField(
                choices=Channel.choices,
                required=False,
                widget=UnfoldAdminCheckboxSelectMultipleWidget,
                help_text="None: the workplace's own. The order of preference is that of this list.",
            )
        return super().formfield_for_dbfield(db_field, request, **kwargs)

    @display(description="Patient", ordering="family_name")
    def who(self, obj: Patient) -> str:
        """Initials."""
        return f"{masks.name(obj)}  …{str(obj.pk)[-12:]}"

    @display(description="Born")
    def born(self, obj: Patient) -> str:
        """The year, masked enough."""
        return str(obj.birth_date.year) if obj.birth_date else "–"

    @display(description="Active", boolean=True)
    def is_active(self, obj: Patient) -> bool:
        """Whether reminders go out."""
        return obj.active and obj.deceased_at is None

    @display(description="Contacts")
    def contacts_table(self, obj: Patient) -> SafeString | str:
        """In the order in which they are tried; masked unless asked for."""
        rows = [
            (
                each.rank,
                each.get_system_display(),
                each.value if getattr(obj, "is_revealed", False) else masks.value(each.system, each.value),
                each.get_use_display(),
                badge("failed", f"invalid: {each.invalid_reason}") if each.invalid_at else "",
            )
            for each in obj.contacts.order_by("rank", "id")
        ]
        return table(("Rank", "Kind", "Address", "Use", ""), rows) if rows else "None: nothing can be sent."

    @display(description="Consents")
    def consents_table(self, obj: Patient) -> SafeString | str:
        """Newest first; the newest of a channel decides."""
        rows = [
            (
                each.get_channel_display(),
                badge("completed" if each.decision == "permit" else "failed", each.get_decision_display()),
                each.get_purpose_display(),
                local(each.decided_at, obj.workplace.zone),
                each.evidence,
            )
            for each in obj.consents.order_by("-decided_at")
        ]
        head = ("Channel", "Decision", "About", "When", "Evidence")
        return table(head, rows) if rows else "None on record: only email goes out."

    @display(description="Reminders")
    def reminders_table(self, obj: Patient) -> SafeString | str:
        """The newest occasions, and whether each went out."""
        newest = obj.reminders.order_by("-planned_for").prefetch_related("deliveries")[:_REMINDERS]
        rows = [
            (
                format_html(
                    '<a class="q-name" href="{}">{}</a>',
                    reverse("admin:engagement_reminder_change", args=[each.pk]),
                    each.get_reminder_type_display(),
                ),
                local(each.planned_for, obj.workplace.zone),
                badge(each.status, each.get_status_display()),
                format_html_join(
                    " ",
                    "{}",
                    (
                        (badge(one.status, f"{one.get_channel_display()} {one.status}"),)
                        for one in each.deliveries.all()
                    ),
                ),
            )
            for each in newest
        ]
        return table(("Reminder", "Planned for", "Status", "Went out"), rows) if rows else "None planned."

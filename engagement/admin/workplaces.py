"""Workplaces, and who works at them as what."""

from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest
from unfold.decorators import display

from engagement.admin.base import ClinicAdmin
from engagement.models import StaffMembership, Workplace


@admin.register(Workplace)
class WorkplaceAdmin(ClinicAdmin):
    """Clinics, with their clock, rules and providers. A new one is made by those over all of them."""

    to_workplace = ""
    sidebar_icon, sidebar_order = "local_hospital", 7
    list_display: ClassVar[Any] = ("name", "timezone", "locale", "phone", "is_active")
    search_fields: ClassVar[Any] = ("name", "slug")

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """Providers' settings are for those who may change them."""
        shown = (
            (None, {"fields": ("name", "slug", "phone", "active")}),
            ("Clock and language", {"fields": ("timezone", "locale")}),
            ("Rules", {"fields": ("rules",)}),
        )
        return (*shown, ("Providers", {"fields": ("providers",)})) if self.may(request, "change", obj) else shown

    @display(description="Active", boolean=True)
    def is_active(self, obj: Workplace) -> bool:
        """Whether it sends reminders."""
        return obj.active

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Only those over all workplaces."""
        return bool(request.user.is_superuser)


@admin.register(StaffMembership)
class StaffMembershipAdmin(ClinicAdmin):
    """A user's role at a workplace: what they may do there follows from it."""

    sidebar_icon, sidebar_order = "badge", 8
    list_display: ClassVar[Any] = ("user", "workplace", "role", "function")
    list_filter: ClassVar[Any] = ("role", "function")
    search_fields: ClassVar[Any] = ("user__username",)

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Taking a role away is done by whoever may give it."""
        return self.may(request, "change", obj)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """Who and where are what a membership is."""
        return ("user", "workplace") if obj is not None else ()

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        """Delete, and write it down."""
        self.record(request, "remove", obj, user=obj.user.get_username(), role=obj.role)
        super().delete_model(request, obj)

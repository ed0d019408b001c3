"""Follow-up tasks: what staff have to do, mostly phoning patients whom a reminder did not reach."""

from typing import Any, ClassVar

from django.contrib import admin
from django.contrib.auth import get_user_model
from django.http import HttpRequest
from django.utils.safestring import SafeString
from unfold.decorators import display

from engagement.admin.base import ClinicAdmin
from engagement.admin.shown import badge, local, patient_link
from engagement.models import FollowUpTask, StaffMembership


@admin.register(FollowUpTask)
class FollowUpTaskAdmin(ClinicAdmin):
    """The list is ordered by what is due first; a task's page lets staff take it up and close it."""

    sidebar_icon, sidebar_order = "assignment_late", 4
    list_display: ClassVar[Any] = ("what", "who", "shown_status", "priority", "due", "owner", "workplace")
    list_filter: ClassVar[Any] = ("status", "priority", "reason", ("workplace", admin.RelatedOnlyFieldListFilter))
    list_select_related: ClassVar[Any] = ("patient", "workplace", "owner")
    fieldsets: ClassVar[Any] = (
        (None, {"fields": ("what", "who", "workplace", "about", "due")}),
        ("Progress", {"fields": ("status", "priority", "business_status", "owner")}),
        ("Record", {"fields": ("created_at", "updated_at")}),
    )
    readonly_fields: ClassVar[Any] = ("what", "who", "workplace", "about", "due", "created_at", "updated_at")

    def has_add_permission(self, request: HttpRequest) -> bool:
        """The system opens them."""
        return False

    @display(description="Task", ordering="reason")
    def what(self, obj: FollowUpTask) -> str:
        """What there is to do."""
        return str(obj.get_reason_display())

    @display(description="Patient")
    def who(self, obj: FollowUpTask) -> SafeString:
        """The patient, masked."""
        return patient_link(obj.patient)

    @display(description="Status", ordering="status")
    def shown_status(self, obj: FollowUpTask) -> SafeString:
        """Where it stands."""
        return badge(obj.status, obj.get_status_display())

    @display(description="Due", ordering="due_at")
    def due(self, obj: FollowUpTask) -> SafeString | str:
        """On the workplace's clock."""
        return local(obj.due_at, obj.workplace.zone)

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """An owner is somebody who works where the user does."""
        if db_field.name == "owner" and not request.user.is_superuser:
            mine = StaffMembership.objects.filter(user=request.user.pk).values("workplace")
            colleagues = StaffMembership.objects.filter(workplace__in=mine).values("user")
            kwargs["queryset"] = get_user_model().objects.filter(pk__in=colleagues)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

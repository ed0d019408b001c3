"""Users and groups, in the admin's own looks. Roles at workplaces are memberships; groups say what a role may do."""

from typing import Any

from django.contrib import admin
from django.contrib.auth import admin as auth_admin
from django.contrib.auth.models import Group, User
from django.db.models import Model
from django.http import Http404, HttpRequest
from unfold.forms import AdminPasswordChangeForm, UserChangeForm, UserCreationForm

from engagement.admin.base import StrictAddresses

for _model in (User, Group):
    if admin.site.is_registered(_model):
        admin.site.unregister(_model)


class _OverAll(StrictAddresses):
    """Accounts belong to the whole group of clinics: only those over all workplaces see them."""

    def _over_all(self, request: HttpRequest) -> bool:
        return bool(request.user.is_active and request.user.is_superuser)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self._over_all(request)

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return self._over_all(request)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return self._over_all(request)

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return self._over_all(request)

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return self._over_all(request)

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Any:
        found = super().get_object(request, object_id, from_field) if object_id[:19].isdecimal() else None
        if found is None:
            raise Http404(f"There is no such {self.opts.verbose_name}.")
        return found


@admin.register(User)
class UserAdmin(_OverAll, auth_admin.UserAdmin):
    """Log-ins."""

    form, add_form, change_password_form = UserChangeForm, UserCreationForm, AdminPasswordChangeForm
    sidebar_icon, sidebar_order = "person", 1
    list_display = ("username", "is_staff", "is_active", "is_superuser", "last_login")


@admin.register(Group)
class GroupAdmin(_OverAll, auth_admin.GroupAdmin):
    """What the roles Viewer, Operator and Administrator may do."""

    sidebar_icon, sidebar_order = "group", 2

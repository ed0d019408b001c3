"""What the clinic's admin pages share: whose rows they show, who may change them, what is written down about it."""

from typing import Any, ClassVar
from uuid import UUID

from django.db.models import Model, QuerySet
from django.http import Http404, HttpRequest
from django.urls import URLPattern
from unfold.admin import ModelAdmin

from engagement.models import Workplace
from queues import audit, scope


def workplaces_of(request: HttpRequest) -> frozenset[str] | None:
    """Ids of the workplaces that the user may see; None means all."""
    return scope.tenants_of(request.user)


class StrictAddresses(ModelAdmin):
    """A row has one address; the admin's old form of it, which takes anything and leads on, is left out."""

    def get_urls(self) -> list[URLPattern]:
        """The usual ones but that."""
        return [each for each in super().get_urls() if str(each.pattern) != "<path:object_id>/"]


class ClinicAdmin(StrictAddresses):
    """Rows of the user's workplaces only; a role holds at its own workplace; nothing is deleted here."""

    #: From the model to its workplace, in the ORM's words.
    to_workplace = "workplace"
    sidebar_icon = "table_rows"
    sidebar_order = 99
    list_per_page = 50
    show_full_result_count = False
    list_select_related: ClassVar[Any] = True
    compressed_fields = True

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Rows of the user's workplaces."""
        rows: QuerySet[Any] = super().get_queryset(request)
        mine = workplaces_of(request)
        path = f"{self.to_workplace}__in" if self.to_workplace else "pk__in"
        return rows if mine is None else rows.filter(**{path: mine})

    def workplace_of(self, obj: Model) -> Workplace:
        """The workplace that a row belongs to."""
        found: Any = obj
        for step in self.to_workplace.split("__") if self.to_workplace else ():
            found = getattr(found, step)
        assert isinstance(found, Workplace)  # noqa: S101  to_workplace says so
        return found

    def may(self, request: HttpRequest, verb: str, obj: Model | None) -> bool:
        """Whether the user may do it: anywhere if no row is given, else at the row's workplace."""
        permission = f"engagement.{verb}_{self.opts.model_name}"
        if obj is None or request.user.is_superuser:
            return request.user.has_perm(permission)
        return request.user.has_perm(permission, str(self.workplace_of(obj).pk))  # type: ignore[arg-type]

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Seeing needs the view permission, or that to change."""
        return self.may(request, "view", obj) or self.may(request, "change", obj)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """At any workplace; forms offer only those where it holds."""
        return self.may(request, "add", None)

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """At the row's workplace."""
        return self.may(request, "change", obj)

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Clinical rows are closed, revoked or marked as entered in error, never deleted."""
        return False

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Any:
        """The row; an id that is none, or of another workplace, is not found."""
        try:
            canonical = str(UUID(object_id)) == object_id
        except ValueError:
            canonical = False
        found = super().get_object(request, object_id, from_field) if canonical else None
        if found is None:
            raise Http404(f"There is no such {self.opts.verbose_name}.")
        return found

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        """The list, under the rows' own name."""
        title = str(self.opts.verbose_name_plural).capitalize()
        return super().changelist_view(request, {"title": title, **(extra_context or {})})

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any) -> Any:
        """One button to save is enough."""
        context.update(show_save_and_add_another=False, show_save_and_continue=False)
        return super().render_change_form(request, context, *args, **kwargs)

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Offer only workplaces at which the user may add such a row."""
        mine = workplaces_of(request)
        if db_field.related_model is Workplace and mine is not None:
            permission = f"engagement.add_{self.opts.model_name}"
            ids = [each for each in mine if request.user.has_perm(permission, each)]  # type: ignore[arg-type]
            kwargs["queryset"] = Workplace.objects.filter(pk__in=ids)
        field = super().formfield_for_foreignkey(db_field, request, **kwargs)
        for name in ("can_add_related", "can_change_related", "can_view_related", "can_delete_related"):
            if field is not None and hasattr(field.widget, name):
                setattr(field.widget, name, False)
        return field

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: Any) -> None:
        """Save, and write down who changed which fields; values stay where they are."""
        super().save_model(request, obj, form, change)
        self.record(request, "change" if change else "add", obj, fields=sorted(form.changed_data))

    def record(self, request: HttpRequest, action: str, obj: Model, **after: Any) -> None:
        """One entry of the audit, without personal data."""
        audit.record(
            request.user,
            action,
            str(self.opts.model_name),
            obj.pk,
            tenant=str(self.workplace_of(obj).pk),
            after=after or None,
        )


class ReadOnlyForm(ClinicAdmin):
    """Rows whose fields nobody edits by hand; deeds may still change them through their services."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Never by hand."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Never by hand."""
        return False

"""Who may see and do what on the pages about queues: a permission for the page, the user's workplaces for its rows."""

from collections.abc import Callable, Iterable
from functools import wraps
from typing import Any, TypeVar

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponseBase
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from queues import scope

VIEW_QUEUES = "queues.view_queue"
VIEW_JOBS = "queues.view_job"
VIEW_RECURRING = "queues.view_recurringjob"
VIEW_WORKERS = "queues.view_worker"
VIEW_AUDIT = "queues.view_auditentry"
#: Retry, cancel, promote, reschedule and remove jobs.
OPERATE = "queues.operate_job"
#: Pause and resume queues, edit and run recurring jobs.
ADMINISTER = "queues.administer_queue"

View = Callable[..., HttpResponseBase]
Rows = TypeVar("Rows", bound=QuerySet[Any])


def page(permission: str, *methods: str) -> Callable[[View], View]:
    """Let a view answer only these methods (405) to those who hold ``permission`` (403). GET unless said otherwise."""
    allowed = [*methods] or ["GET", "HEAD"]

    def decorate(view: View) -> View:
        @wraps(view)
        def checked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if not request.user.has_perm(permission):
                raise PermissionDenied(f"This needs the permission {permission}.")
            return view(request, *args, **kwargs)

        return never_cache(require_http_methods(allowed)(checked))

    return decorate


def tenants(request: HttpRequest) -> frozenset[str] | None:
    """Tenants that the request's user may see, asked once a request; None means all."""
    known: dict[str, frozenset[str] | None] = request.__dict__.setdefault("queue_tenants", {})
    if "mine" not in known:
        known["mine"] = scope.tenants_of(request.user)
    return known["mine"]


def over_all(request: HttpRequest) -> bool:
    """Whether the user stands over all workplaces, so may act on a whole queue."""
    return tenants(request) is None


def sees(request: HttpRequest, tenant: str) -> bool:
    """Whether the user may see rows of ``tenant``."""
    mine = tenants(request)
    return mine is None or tenant in mine


def may(request: HttpRequest, permission: str, tenant: str) -> bool:
    """Whether the user may do what needs ``permission`` at ``tenant``: a role holds at its own workplace only."""
    place: Any = tenant
    return over_all(request) or request.user.has_perm(permission, place)


def require(request: HttpRequest, permission: str, tenant: str) -> None:
    """Raise ``PermissionDenied`` unless :func:`may`."""
    if not may(request, permission, tenant):
        raise PermissionDenied(f"This needs the permission {permission} at {tenant_name(tenant)}.")


def scoped(request: HttpRequest, rows: Rows) -> Rows:
    """The rows (of a model with a ``tenant``) that the user may see."""
    mine = tenants(request)
    return rows if mine is None else rows.filter(tenant__in=mine)


def tenant_name(tenant: str) -> str:
    """The tenant's name for people; jobs without a tenant belong to the system."""
    return scope.tenant_label(tenant) if tenant else "no workplace"


def names(tenants_: Iterable[str]) -> dict[str, str]:
    """Names of tenants, each asked for once."""
    return {tenant: tenant_name(tenant) for tenant in set(tenants_)}


def options(request: HttpRequest, known: Iterable[str]) -> list[tuple[str, str]]:
    """(tenant, name) for a select: the user's own workplaces, or for someone over all of them the ``known`` ones."""
    mine = tenants(request)
    each = set(known) if mine is None else mine
    return sorted(((tenant, tenant_name(tenant)) for tenant in each if tenant), key=lambda pair: pair[1].lower())

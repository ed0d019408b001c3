"""On whose clock the admin shows times: the user's workplace's, where they have one; it is named on every page."""

from collections.abc import Callable
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone

from queues import scope


def zone_of(request: HttpRequest) -> ZoneInfo:
    """The zone of the user's workplaces if they agree, else UTC."""
    zones = {scope.tenant_zone(tenant) for tenant in scope.tenants_of(request.user) or ()}
    return ZoneInfo(zones.pop()) if len(zones) == 1 else ZoneInfo("UTC")


class StaffZone:
    """Middleware: activates the zone for the admin's pages."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer on the user's clock."""
        if not request.user.is_authenticated or not request.path.startswith(reverse("admin:index")):
            return self.get_response(request)
        with timezone.override(zone_of(request)):
            return self.get_response(request)

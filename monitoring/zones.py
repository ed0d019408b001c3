"""On whose clock the admin shows times: the user's workplace's, where they have one; it is named on every page."""

from collections.abc import Callable
from zoneinfo import ZoneInfo

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone, translation

from queues import scope


def zone_of(request: HttpRequest) -> ZoneInfo:
    """The zone of the user's workplaces if they agree, else UTC."""
    zones = {scope.tenant_zone(tenant) for tenant in scope.tenants_of(request.user) or ()}
    return ZoneInfo(zones.pop()) if len(zones) == 1 else ZoneInfo("UTC")


class StaffZone:
    """Middleware: activates the zone for the admin's pages, and their language, which is one for all of them."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer on the user's clock."""
        if not request.path.startswith(reverse("admin:index")):
            return self.get_response(request)
        zone = zone_of(request) if request.user.is_authenticated else ZoneInfo("UTC")
        # Only the messages to patients are translated; half a page in the browser's language would be worse than none.
        with timezone.override(zone), translation.override(settings.LANGUAGE_CODE):
            return self.get_response(request)

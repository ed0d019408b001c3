"""The workers' page: which processes are alive, what they consume, which one leads."""

from django.http import HttpRequest
from django.template.response import TemplateResponse

from monitoring import access
from monitoring.pages.rendering import show
from monitoring.processes import workers


@access.page(access.VIEW_WORKERS)
def processes(request: HttpRequest) -> TemplateResponse:
    """All processes that reported lately."""
    found = workers()
    alive = {process.row.kind for process in found if process.alive}
    return show(
        request,
        "workers",
        "Workers",
        processes=found,
        no_worker="worker" not in alive,
        no_scheduler="scheduler" not in alive,
    )

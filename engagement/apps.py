"""The Django application."""

from django.apps import AppConfig


class EngagementConfig(AppConfig):
    """The clinic: its queues, its tables, and what it tells the queue engine about its users."""

    name = "engagement"
    verbose_name = "Clinic"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Declare the queues, the checks, and who may see which workplace; hear of failed jobs."""
        from engagement import checks, recurrences, roles, scope  # noqa: F401, PLC0415  checks register on import
        from engagement.queues import register_queues  # noqa: PLC0415
        from engagement.services import failures  # noqa: PLC0415

        register_queues()
        recurrences.register()
        scope.register()
        roles.connect()
        failures.connect()

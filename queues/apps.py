"""The Django application."""

from django.apps import AppConfig


class QueuesConfig(AppConfig):
    """The queue: its tables, its broker's ledger, its checks."""

    name = "queues"
    verbose_name = "Queues"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Register the system checks."""
        from queues import checks  # noqa: F401, PLC0415  registers on import, once models are loaded

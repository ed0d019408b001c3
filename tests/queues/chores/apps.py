"""The Django application."""

from django.apps import AppConfig

from queues import registry
from tests.queues.chores.queues import CHORES, ERRANDS


class ChoresConfig(AppConfig):
    """Declares its queues while apps load, as an application does."""

    name = "tests.queues.chores"

    def ready(self) -> None:
        for config in (CHORES, ERRANDS):
            registry.register(config)

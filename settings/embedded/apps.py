"""The app exists for its `services` command."""

from django.apps import AppConfig


class EmbeddedConfig(AppConfig):
    """Embedded servers."""

    name = "settings.embedded"
    label = "embedded"

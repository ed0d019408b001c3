"""The app exists for its `demo` and `smoke` commands."""

from django.apps import AppConfig


class DemoConfig(AppConfig):
    """The demo."""

    name = "settings.demo"
    label = "demo"

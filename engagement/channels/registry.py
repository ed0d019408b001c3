"""Which adapter serves a workplace's channel."""

from collections.abc import Mapping
from typing import Any

from engagement.channels.failing import FailingAdapter
from engagement.channels.interface import Adapter, AdapterFactory
from engagement.channels.outbox import OutboxAdapter
from engagement.conf import engagement_settings
from engagement.terms import Channel

#: Used where a workplace names none.
DEFAULT = "outbox"
ADAPTERS: dict[str, AdapterFactory] = {"outbox": OutboxAdapter, "failing": FailingAdapter}


class NoAdapter(Exception):
    """A workplace's settings of a channel lead to no adapter; ``code`` says why, without their values."""

    def __init__(self, code: str) -> None:
        self.code = code
        super().__init__(code)


def adapter_for(providers: Mapping[str, Any], channel: Channel) -> Adapter:
    """The adapter of a channel; raises :class:`NoAdapter`, never falls back to another than the one that is named."""
    options = providers.get(channel.value) or {}
    if not isinstance(options, Mapping):
        raise NoAdapter("adapter-settings-invalid")
    name = options.get("adapter", DEFAULT)
    if name == "failing" and not engagement_settings().allow_failing_adapter:
        raise NoAdapter("failing-adapter-not-allowed")
    if name not in ADAPTERS:
        raise NoAdapter("adapter-unknown")
    try:
        return ADAPTERS[name]({key: value for key, value in options.items() if key != "adapter"})
    except ValueError:
        raise NoAdapter("adapter-settings-invalid") from None

"""An adapter that misbehaves on purpose, for the demo and tests; production refuses it."""

import time
from collections.abc import Mapping
from enum import StrEnum
from typing import Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from engagement.channels.interface import CannotTell, Lookup, Message
from engagement.channels.outbox import OutboxAdapter
from engagement.outcomes import (
    Ambiguous,
    ConfigurationError,
    OptedOut,
    Outcome,
    PermanentMessage,
    PermanentRecipient,
    Transient,
)


class Mode(StrEnum):
    """How it misbehaves."""

    ACCEPT = "accept"
    TRANSIENT = "transient"
    PERMANENT_RECIPIENT = "permanent-recipient"
    PERMANENT_MESSAGE = "permanent-message"
    OPTED_OUT = "opted-out"
    CONFIGURATION = "configuration"
    #: It may have gone out: it has, and the answer was lost.
    AMBIGUOUS = "ambiguous"
    #: Accepted, after ``seconds``.
    SLOW = "slow"
    #: The client itself breaks, after the message went out.
    CRASH = "crash"


class FailingOptions(BaseModel):
    """``{"adapter": "failing", "mode": "transient", "times": 5, "contacts": {"<contact id>": "slow"}}``."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    #: What it does to contacts that are not named.
    mode: Mode = Mode.ACCEPT
    contacts: dict[UUID, Mode] = Field(default_factory=dict)
    #: Only so many first attempts of each delivery misbehave; None: all.
    times: int | None = Field(default=None, ge=0)
    #: How long ``slow`` takes.
    seconds: float = Field(default=2.0, ge=0, le=60)
    #: What a transient failure asks to wait, seconds.
    retry_after: float | None = Field(default=None, ge=0)


class FailingAdapter:
    """Misbehaves as told; what it accepts goes to the outbox."""

    def __init__(self, options: Mapping[str, Any]) -> None:
        """Read how to misbehave; ``ValueError`` names an option that is wrong."""
        self._options = FailingOptions.model_validate(dict(options))
        self._outbox = OutboxAdapter({})

    def send(self, message: Message) -> Outcome:
        """Answer as the mode says."""
        match self._mode(message):
            case Mode.TRANSIENT:
                return Transient("demo-503", self._options.retry_after)
            case Mode.PERMANENT_RECIPIENT:
                return PermanentRecipient("demo-no-such-address")
            case Mode.PERMANENT_MESSAGE:
                return PermanentMessage("demo-message-refused")
            case Mode.OPTED_OUT:
                return OptedOut("demo-opted-out")
            case Mode.CONFIGURATION:
                return ConfigurationError("demo-bad-credentials")
            case Mode.AMBIGUOUS:
                self._outbox.send(message)
                return Ambiguous("demo-timeout")
            case Mode.CRASH:
                self._outbox.send(message)
                raise RuntimeError(f"could not talk about {message.recipient}")
            case Mode.SLOW:
                time.sleep(self._options.seconds)
        return self._outbox.send(message)

    def lookup(self, idempotency_key: str) -> Lookup:
        """Like most providers, it cannot be asked."""
        return CannotTell()

    def _mode(self, message: Message) -> Mode:
        if self._options.times is not None and message.attempt > self._options.times:
            return Mode.ACCEPT
        return self._options.contacts.get(message.contact_id, self._options.mode)

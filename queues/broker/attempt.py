"""One attempt in this process: the facts of it, from the claim to the settle."""

from __future__ import annotations

import threading
import time
from contextvars import ContextVar
from enum import IntEnum
from typing import Any
from uuid import UUID

from dramatiq.broker import MessageProxy
from dramatiq.message import Message

from queues.ledger.add import NewJob
from queues.ledger.claim import Claimed

#: What Retries leaves in a message's options; the ledger has its own.
_RETRIES_OWN = frozenset({"traceback", "requeue_timestamp"})


class Body(IntEnum):
    """How far the actor's function has got."""

    NOT_STARTED = 0
    RUNNING = 1
    RETURNED = 2
    RAISED = 3


class Attempt:
    """What is known of one claimed job. Written by the thread that runs it, read by renewer and committer."""

    __slots__ = (
        "acknowledged", "alone", "asked_again", "body", "ended_at", "exception", "id", "job", "later",
        "member", "queue", "result", "skipped", "started_at", "thread", "time_limit_ms", "token", "token_uuid",
    )  # fmt: skip

    def __init__(self, job: Claimed, queue: str, token: UUID, member: str, *, alone: bool) -> None:
        self.job, self.queue, self.member, self.alone = job, queue, member, alone
        self.token_uuid, self.token = token, str(token)
        #: The job's id as text.
        self.id = str(job.id)
        self.body = Body.NOT_STARTED
        self.exception: BaseException | None = None
        self.result: Any = None
        #: Retries asked for another attempt.
        self.asked_again = False
        self.skipped = False
        #: Dramatiq is through with it: the thread may do something else.
        self.acknowledged = False
        #: Jobs that hooks enqueued after the body had ended: they join the outcome.
        self.later: list[NewJob] = []
        self.thread: threading.Thread | None = None
        #: time.monotonic() of start and end of the body.
        self.started_at = 0.0
        self.ended_at = 0.0
        self.time_limit_ms = 0.0

    @property
    def number(self) -> int:
        """Which attempt of its run this is; 1 is the first."""
        return self.job.attempts_made + 1

    @property
    def body_ended(self) -> bool:
        """Whether the actor's function has returned or raised: what is enqueued now joins the outcome."""
        return self.body >= Body.RETURNED

    def begin(self) -> None:
        """The current thread starts on it."""
        self.thread = threading.current_thread()
        self.started_at = time.monotonic()


class JobProxy(MessageProxy):
    """Dramatiq's message of a claimed job, with its attempt."""

    def __init__(self, message: Message[Any], attempt: Attempt) -> None:
        super().__init__(message)
        self.attempt = attempt

    def asdict(self) -> dict[str, Any]:
        """What callbacks are told of it: without the stack and the time that Retries puts in."""
        told: dict[str, Any] = self._message.asdict()
        options = told["options"]
        return {**told, "options": {key: options[key] for key in options if key not in _RETRIES_OWN}}


#: The attempt that the current thread, or the coroutine it drives, is on.
current: ContextVar[Attempt | None] = ContextVar("queues_current_attempt", default=None)


def mark_body(fn: Any) -> Any:
    """Wrap an actor's function so that its end is recorded where it happens, before any hook or late interrupt."""

    def marked(*args: Any, **kwargs: Any) -> Any:
        attempt = current.get()
        if attempt is None or attempt.body is not Body.NOT_STARTED:
            return fn(*args, **kwargs)
        attempt.body = Body.RUNNING
        try:
            attempt.result = fn(*args, **kwargs)
            attempt.body = Body.RETURNED
        except BaseException as error:
            if attempt.body is Body.RUNNING:
                attempt.exception = error
                attempt.body = Body.RAISED
            raise
        finally:
            attempt.ended_at = time.monotonic()
        return attempt.result

    marked.__wrapped__ = fn  # type: ignore[attr-defined]
    return marked

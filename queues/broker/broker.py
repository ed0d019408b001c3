"""The broker: Dramatiq's interface to the queue. ``enqueue`` is the only door for messages."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, cast

from dramatiq.actor import Actor
from dramatiq.broker import Broker, Consumer
from dramatiq.errors import QueueJoinTimeout, QueueNotFound
from dramatiq.message import Message
from dramatiq.middleware import Middleware, MiddlewareError

from queues.broker.attempt import Attempt, Body, JobProxy, current, mark_body
from queues.broker.consumer import LedgerConsumer
from queues.broker.messages import to_new_job, without_quotation
from queues.broker.policy import POLICY_OPTIONS
from queues.broker.process import WorkerProcess
from queues.errors import QueueError
from queues.ids import uuid7
from queues.ledger import sql
from queues.ledger.add import insert_or_find
from queues.logs import context
from queues.logs import jobs as joblog
from queues.order.outbox import publish_on_commit


class LedgerBroker(Broker):
    """Rows are the jobs, Redis their order.

    Made while Django's apps load: no model, thread or socket before first use.
    """

    def __init__(self, middleware: list[Middleware] | None = None) -> None:
        self.queues: dict[str, None] = {}
        #: The runtime of this process while it is a worker's.
        self.process: WorkerProcess | None = None
        self._hooked: list[Middleware] = []
        self._hook_lists: dict[str, list[Callable[..., None]]] = {}
        super().__init__(middleware)
        self.actor_options |= POLICY_OPTIONS

    # Declarations

    def declare_queue(self, queue_name: str) -> None:
        """Declare a queue; there are no delay queues, since waiting is the ledger's."""
        if queue_name not in self.queues:
            self.emit_before("declare_queue", queue_name)
            self.queues[queue_name] = None
            self.emit_after("declare_queue", queue_name)

    def declare_actor(self, actor: Actor[Any, Any]) -> None:
        """Declare an actor, and have the end of its function recorded where it happens."""
        if not hasattr(actor.fn, "__wrapped__") or actor.fn.__name__ != "marked":
            actor.fn = mark_body(actor.fn)
        super().declare_actor(actor)

    def options_of(self, actor_name: str) -> dict[str, Any]:
        """The options an actor was declared with; empty for one that is unknown here."""
        actor = self.actors.get(actor_name)
        return actor.options if actor else {}

    # The door

    def enqueue(self, message: Message[Any], *, delay: int | None = None) -> Message[Any]:
        """Add a job in the caller's transaction. ``delay`` in milliseconds.

        Called by Retries with the very message in hand, it only notes that another attempt is wanted. Called by any
        hook after the body has ended, the new job joins the outcome and is added with it or not at all.
        """
        attempt = current.get()
        if isinstance(message, JobProxy):
            if message.attempt.exception is not None or message._exception is not None:  # noqa: SLF001
                message.attempt.asked_again = True
                return cast("Message[Any]", message)  # a proxy stands for its message
            message = message.copy(message_id=str(uuid7()))
        if attempt is not None and attempt.exception is not None and attempt.body_ended:
            message = without_quotation(message, attempt.exception)
        self.emit_before("enqueue", message, delay)
        job = to_new_job(message, delay, self.actors)
        if attempt is not None and attempt.body_ended:
            attempt.later.append(job)
        else:
            found, added = insert_or_find(job)
            publish_on_commit((item.queue, item.placed) for item in added)
            if found != job.id:
                message = message.copy()
                object.__setattr__(message, "message_id", str(found))
        self.emit_after("enqueue", message, delay)
        return message

    # Hooks that carry facts: overridden here, where nothing swallows an error

    def emit_before(self, signal: str, *args: Any, **kwargs: Any) -> None:
        """Run the hooks; a message about to be processed becomes the thread's current attempt first."""
        if signal == "process_message" and isinstance(args[0], JobProxy):
            attempt = args[0].attempt
            attempt.begin()
            limit = args[0].options.get("time_limit") or self.options_of(args[0].actor_name).get("time_limit")
            attempt.time_limit_ms = float(limit or 600_000)
            current.set(attempt)
            context.bind(attempt.queue, attempt.id, attempt.number, attempt.job.tenant)
            joblog.started(attempt.queue, attempt.id, attempt.number, attempt.job.tenant)
        for hook in self._hooks("before_" + signal):
            try:
                hook(self, *args, **kwargs)
            except MiddlewareError:
                raise
            except Exception:
                self.logger.critical("Unexpected failure in %s of %r.", signal, hook, exc_info=True)

    def emit_after(self, signal: str, *args: Any, **kwargs: Any) -> None:
        """Run the hooks; an interrupt that came after the body had returned does not make it a failure."""
        if signal == "process_message" and isinstance(args[0], JobProxy):
            attempt = args[0].attempt
            if "exception" in kwargs and attempt.body is Body.RETURNED:
                attempt.later.clear()
                args[0].failed = False
                kwargs = {"result": attempt.result}
            _end_body(attempt)
        elif signal == "skip_message" and isinstance(args[0], JobProxy):
            args[0].attempt.skipped = True
        for hook in reversed(self._hooks("after_" + signal)):
            try:
                hook(self, *args, **kwargs)
            except Exception:
                self.logger.critical("Unexpected failure in %s of %r.", signal, hook, exc_info=True)

    def _hooks(self, name: str) -> list[Callable[..., None]]:
        """The middleware's methods of this name that do something.

        Most of Dramatiq's are empty, and a job passes eight signals.
        """
        if self._hooked != self.middleware:
            self._hooked, self._hook_lists = list(self.middleware), {}
        hooks = self._hook_lists.get(name)
        if hooks is None:
            empty = getattr(Middleware, name)
            hooks = [getattr(item, name) for item in self._hooked if getattr(type(item), name) is not empty]
            self._hook_lists[name] = hooks
        return hooks

    # Consuming

    def consume(self, queue_name: str, prefetch: int = 1, timeout: int = 30_000) -> Consumer:
        """A consumer of the queue; only within a worker. The gate, not ``prefetch``, says how much is claimed."""
        if queue_name not in self.queues:
            raise QueueNotFound(queue_name)
        if self.process is None:
            raise QueueError("Only a worker consumes: run `manage.py rundramatiq`.")
        return LedgerConsumer(self, self.process, queue_name)

    def join(self, queue_name: str, *, timeout: int | None = None) -> None:
        """Wait until the queue has no open job; ``timeout`` in milliseconds."""
        deadline = None if timeout is None else time.monotonic() + timeout / 1000
        while sql.rows("SELECT 1 FROM queues_job WHERE queue = %s AND finished_at IS NULL LIMIT 1", [queue_name]):
            if deadline is not None and time.monotonic() > deadline:
                raise QueueJoinTimeout(queue_name)
            time.sleep(0.02)

    def flush(self, queue_name: str) -> None:
        """Remove all open jobs of a queue; refused outside a test database."""
        name = sql.rows("SELECT current_database()", [])[0][0]
        if not str(name).startswith("test_"):
            raise QueueError("flush is for tests. Use `queues.service.empty_queue`, which keeps running jobs.")
        sql.execute("DELETE FROM queues_job WHERE queue = %s AND finished_at IS NULL", [queue_name])

    def flush_all(self) -> None:
        """Remove all open jobs; refused outside a test database."""
        for queue_name in self.queues:
            self.flush(queue_name)


def _end_body(attempt: Attempt) -> None:
    """A body that never ran (a hook raised first) has ended too: what hooks enqueue now joins the outcome."""
    if attempt.body is Body.NOT_STARTED:
        attempt.body = Body.RAISED

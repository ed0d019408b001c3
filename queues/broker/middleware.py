"""Starting and stopping the process's runtime with Dramatiq's worker."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import structlog
from django.db import DEFAULT_DB_ALIAS, connection, connections
from dramatiq.middleware import Middleware

from queues.broker.attempt import current
from queues.broker.process import EXIT_LOST, WorkerProcess
from queues.broker.workqueue import WorkQueue

if TYPE_CHECKING:
    from queues.relay.loop import RelayLoop

log = structlog.get_logger(__name__)


class Lifecycle(Middleware):
    """First in the list: its before-hooks run first, its after-hooks last."""

    def __init__(self) -> None:
        self._relay: RelayLoop | None = None

    def before_worker_boot(self, broker: Any, worker: Any) -> None:
        """Start the runtime, before any consumer asks for it. Workers keep their connections."""
        # The broker is built before Django's models are: what needs them is imported when a worker boots.
        from queues.relay.loop import RelayLoop  # noqa: PLC0415

        for alias in connections:
            connections[alias].settings_dict["CONN_MAX_AGE"] = None
            connections[alias].settings_dict["CONN_HEALTH_CHECKS"] = True
        worker.work_queue = WorkQueue()
        queues = sorted(worker.consumer_whitelist or broker.get_declared_queues())
        process = broker.process = WorkerProcess(worker.worker_threads, queues)
        process.renewer.threads = worker.workers
        process.start()
        self._relay = RelayLoop("worker", worker_id=process.id, threads=process.threads, queues=queues)
        self._relay.active = lambda: process.gate.held
        self._relay.start()
        log.info("worker_started", worker=process.id, threads=process.threads, queues=queues)

    def before_worker_shutdown(self, broker: Any, worker: Any) -> None:
        """Claim nothing any more, though Dramatiq's consumers go on asking."""
        if broker.process is not None:
            broker.process.shut_gate()
            worker.work_queue.close()

    def after_worker_shutdown(self, broker: Any, worker: Any) -> None:
        """Commit, let go, close; exit non-zero if the process gave up on itself."""
        process: WorkerProcess | None = broker.process
        if self._relay is not None:
            self._relay.stop()
            self._relay = None
        if process is None:
            return
        process.stop()
        broker.process = None
        connection.close()
        log.info("worker_stopped", worker=process.id)
        if process.lost_reason and process.exits:
            os._exit(EXIT_LOST)

    def after_process_message(self, broker: Any, message: Any, *, result: Any = None, exception: Any = None) -> None:
        """Close a connection that broke or was left in a transaction, so that the thread's next job gets a new one."""
        wrapper = connections[DEFAULT_DB_ALIAS]
        if wrapper.connection is None:
            return
        if wrapper.in_atomic_block:
            # An interrupt struck just as it was opened. What the next job writes would never be committed.
            log.error("transaction_left_open", job=message.message_id)
            wrapper.connection.close()
            del connections[DEFAULT_DB_ALIAS]
            return
        wrapper.close_if_unusable_or_obsolete()

    def before_worker_thread_shutdown(self, broker: Any, thread: Any) -> None:
        """Close the thread's own connection; left to the garbage collector, it would be reported as forgotten."""
        connection.close()

    before_consumer_thread_shutdown = before_worker_thread_shutdown

    def after_ack(self, broker: Any, message: Any) -> None:
        """The thread is on no attempt any more."""
        current.set(None)

    after_nack = after_ack

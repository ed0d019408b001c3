"""A process that gave up leaves, even if its main thread never comes to hear of it."""

import subprocess
import sys

import pytest

from queues.broker.process import EXIT_LOST

#: Dramatiq's child tells its master that it has booted; a master killed just then leaves it waiting for an answer.
_STUCK = """
import django
django.setup()
import signal, threading
from queues.broker.process import WorkerProcess
process = WorkerProcess(1, ["letters"])
process.patience_s = 0.5
process.start()
signal.signal(signal.SIGTERM, lambda *_: None)
threading.Timer(0.2, process.give_up, ["its parent process is gone"]).start()
threading.Semaphore(0).acquire()
"""


@pytest.mark.rule(38)
def test_a_main_thread_that_waits_for_a_dead_parent_does_not_keep_the_process(
    process_environment: dict[str, str],
) -> None:
    """Given a main thread that waits for ever, when the process gives up, then it ends, and not as if all were well.

    A worker whose master was killed while it booted stayed for an hour, held its connections and did nothing.
    """
    done = subprocess.run(
        [sys.executable, "-c", _STUCK], env=process_environment, capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == EXIT_LOST, done.stderr

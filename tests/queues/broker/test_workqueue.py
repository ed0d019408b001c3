"""The hand-over to worker threads, and its end."""

import threading
from queue import Empty

import pytest

from queues.broker.workqueue import WorkQueue


def test_first_in_first_out_and_what_is_left_can_be_taken_back() -> None:
    queue = WorkQueue()
    for item in "abc":
        queue.put(item)
    assert queue.get(timeout=1) == "a"
    queue.close()
    assert [queue.get_nowait(), queue.get_nowait()] == ["b", "c"]
    with pytest.raises(Empty):
        queue.get_nowait()


def test_everybody_who_waits_is_let_go_when_it_closes() -> None:
    """A thread slept on in a timed get whose time was over, and its process took its whole time-out to stop.

    Given threads that wait without end, when the queue is closed, then each of them hears of it, again and again.
    """
    queue, heard = WorkQueue(), threading.Semaphore(0)

    def wait() -> None:
        for _ in range(3):
            with pytest.raises(Empty):
                queue.get()
        heard.release()

    threads = [threading.Thread(target=wait, daemon=True) for _ in range(8)]
    for thread in threads:
        thread.start()
    queue.close()
    assert all(heard.acquire(timeout=10) for _ in threads)

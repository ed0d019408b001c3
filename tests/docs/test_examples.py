"""What docs/writing-jobs.md shows is run: its examples in their order, then its test, then its jobs."""

import re
from pathlib import Path
from typing import Any

from queues import service
from queues.models import Job
from queues.testing import Declare, StartWorker, wait_for

DOCUMENT = Path(__file__).resolve().parent.parent.parent / "docs" / "writing-jobs.md"


def test_the_examples_of_writing_jobs_do_what_they_say(declare: Declare, worker: StartWorker) -> None:
    text = DOCUMENT.read_text()
    shown: dict[str, Any] = {"__name__": "shown"}

    for match in re.finditer(r"^```python\n(.*?)^```", text, re.MULTILINE | re.DOTALL):
        # With the lines of the document, so that a failure names the one to mend.
        code = "\n" * text.count("\n", 0, match.start(1)) + match[1]
        exec(compile(code, str(DOCUMENT), "exec"), shown)  # noqa: S102  our own document

    shown["jobs_failed"].disconnect(shown["on_failed"])
    # Its jobs run: all letters but those that are far off, and the stamps
    running = worker(queues=["letters", "stamps"])
    wait_for(lambda: not Job.objects.filter(state__in=["waiting", "active"]).exists())
    wait_for(lambda: len(shown["stamped"]) == 4)
    running.stop()
    assert shown["sent"] == {f"letter:{shown['letter']['letterId']}"}
    assert min(shown["stamped"]) == "one"
    assert sum("three, stamped, posted by job" in text for text in shown["stamped"]) == 1
    assert service.get_queue_stats("letters").failed == 0
    # The document's own test is one.
    shown["test_a_letter_is_sent_at_the_second_attempt"](declare, worker)

"""`manage.py demo` as a whole: comes up, keeps a second one out, and nothing of it outlives its supervisor."""

import contextlib
import os
import re
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
#: A machine that runs other tests beside may need this long, seconds.
PATIENCE_S = 90.0

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]


class Demo:
    """A demo that runs on servers of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.output = folder, folder.parent / "output"
        self.process = start(folder, self.output)

    def said(self) -> str:
        return self.output.read_text()

    def wait_until_said(self, text: str) -> None:
        deadline = time.monotonic() + PATIENCE_S
        while text not in self.said():
            assert self.process.poll() is None, self.said()
            assert time.monotonic() < deadline, self.said()
            time.sleep(0.1)

    def others(self) -> list[psutil.Process]:
        """Everything that runs for it but itself: its processes, its servers and their keeper."""
        found = []
        for process in psutil.process_iter():
            with contextlib.suppress(psutil.Error):
                named = any(str(self.folder) in argument for argument in process.cmdline())
                ours = named or process.environ().get("LOCAL_DIR") == str(self.folder)
                if ours and process.pid != self.process.pid and process.status() != psutil.STATUS_ZOMBIE:
                    found.append(process)
        return found


def start(folder: Path, output: Path) -> "subprocess.Popen[bytes]":
    foreign = ("DATABASE_URL", "REDIS_", "QUEUE_", "DJANGO_SETTINGS_MODULE", "COVERAGE_")
    environment = {name: value for name, value in os.environ.items() if not name.startswith(foreign)}
    with output.open("wb") as file:
        return subprocess.Popen(
            [sys.executable, "manage.py", "demo", "--port", "5600"],
            cwd=ROOT,
            env={**environment, "LOCAL_DIR": str(folder)},
            stdout=file,
            stderr=subprocess.STDOUT,
        )


@pytest.fixture
def demo(tmp_path: Path) -> Iterator[Demo]:
    running = Demo(tmp_path / "local")
    yield running
    running.process.kill()
    running.process.wait()
    for process in running.others():
        with contextlib.suppress(psutil.Error):
            process.kill()


def test_nothing_of_it_runs_ten_seconds_after_its_supervisor_was_killed(demo: Demo) -> None:
    # Given a demo that has sent its first reminder, whose pages answer, and that keeps a second one out
    demo.wait_until_said("outbox 1")
    address = re.search(r"Open (http\S+)", demo.said())
    assert address is not None
    with urllib.request.urlopen(address[1] + "login/", timeout=30) as answer:  # noqa: S310  our own
        assert answer.status == 200
    second = start(demo.folder, demo.folder.parent / "second")
    assert second.wait(PATIENCE_S) == 1
    assert "A demo runs in this checkout already" in (demo.folder.parent / "second").read_text()
    assert len(demo.others()) >= 10

    # When its supervisor is killed
    demo.process.send_signal(signal.SIGKILL)
    demo.process.wait()

    # Then ten seconds later nothing of it runs, servers included
    killed = time.monotonic()
    while left := demo.others():
        assert time.monotonic() < killed + 10, [process.cmdline() for process in left]
        time.sleep(0.2)

"""A real worker process, killed while a message is on its way."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from engagement.models import Delivery, FollowUpTask, OutboxMessage
from engagement.services import booking
from queues.models import Job
from queues.testing import wait_for
from tests.engagement.factories import clinic, patient

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

ROOT = Path(__file__).resolve().parent.parent.parent


@pytest.fixture
def workers(process_environment: dict[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    """One worker process under its supervisor, with a lease of two seconds."""
    running = subprocess.Popen(
        [sys.executable, "manage.py", "rundramatiq", "--processes", "1", "--threads", "2"],
        cwd=ROOT,
        env={**process_environment, "QUEUE_LOCK_DURATION": "2000"},
        stdout=subprocess.DEVNULL,
    )
    yield running
    running.terminate()
    running.wait(30)


def child_of(process: subprocess.Popen[bytes]) -> int:
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text(encoding="ascii").split()
    return int(children[0])


def test_what_was_on_its_way_is_unknown_and_not_sent_again(workers: subprocess.Popen[bytes]) -> None:
    # Given a reminder whose provider takes its time
    who = patient(
        clinic(providers={"email": {"adapter": "failing", "mode": "slow", "seconds": 60}}), preferred_channels=["email"]
    )
    start = datetime.now(UTC) + timedelta(hours=24, seconds=1)
    visit = booking.book(workplace=who.workplace, patient=who, start=start, end=start + timedelta(minutes=5))
    job_id = visit.reminders.earliest("planned_for").job_id
    wait_for(lambda: Delivery.objects.filter(status="sending").exists(), 60, "the message is on its way")

    # When its process is killed
    killed = child_of(workers)
    os.kill(killed, signal.SIGKILL)

    # Then the job comes back to another process, which does not send it again but has somebody find out
    wait_for(lambda: Job.objects.filter(id=job_id, state="completed").exists(), 60, "the job has come back")
    delivery = Delivery.objects.get()
    assert (delivery.status, delivery.reason) == ("unknown", "crashed-while-sending")
    assert delivery.attempts.count() == 1
    assert not OutboxMessage.objects.exists()
    assert FollowUpTask.objects.get().reason == "check-delivery"
    assert Job.objects.get(id=job_id).attempts_made == 1

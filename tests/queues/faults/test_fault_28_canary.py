"""Fault 28: a name, a phone number and an address in what fails; none of them in logs, Redis or the ledger."""

from __future__ import annotations

import pytest
import redis
from django.apps import apps
from django.conf import settings

from queues import service
from queues.testing import wait_for
from tests.queues.fleet import Fleet

CANARIES = ("Zebulon", "Quaxley", "zebulon.quaxley@example.org", "5557788", "555 77 88")
TEXT = "Zebulon Quaxley <zebulon.quaxley@example.org>, +49 170 555 77 88 or +491705557788, has no contact"


def _tables() -> str:
    """Everything that the queue's tables hold, as text."""
    return repr([list(model._default_manager.values()) for model in apps.get_app_config("queues").get_models()])


def _server() -> str:
    """Everything that Redis holds, as text."""
    with redis.Redis.from_url(settings.QUEUES.redis_url) as server:
        return repr([(key, server.dump(key)) for key in server.scan_iter("*")])


@pytest.mark.fault(28)
def test_what_fails_names_nobody_anywhere(fleet: Fleet) -> None:
    """The text comes from outside, as a provider's answer does: the jobs' own data are ids."""
    fleet.start(1, threads=2, CHORE_TEXT=TEXT)
    jobs = [fleet.caller.add("errands", {"do": "fail"}), fleet.caller.add("chores", {"do": "fail"}, attempts=1)]
    jobs += [fleet.caller.add("errands", {"do": "database"}, attempts=1)]
    wait_for(lambda: fleet.running() or "failed" in fleet.caller.states().values())
    during = _server()
    fleet.caller.wait_all_ended()
    rows = [service.get_job(queue, job) for job, queue in fleet.caller.added.items()]
    assert [row.state for row in rows] == ["failed"] * 3
    assert all(row.error for row in rows)
    fleet.assert_oracle()
    fleet.stop()
    everything = {"tables": _tables(), "Redis": during + _server(), "logs": fleet.logs()}
    leaked = {where: [word for word in CANARIES if word in text] for where, text in everything.items()}
    assert leaked == {"tables": [], "Redis": [], "logs": []}
    # What helps to find the fault is there: the class, and where it happened.
    assert "in _do" in everything["tables"]
    assert "ValueError" in everything["logs"]


@pytest.mark.fault(28)
def test_arguments_of_a_plain_actor_are_in_its_row_and_nowhere_else(fleet: Fleet) -> None:
    """A plain actor's arguments are its row's data, as they must be.

    Dramatiq would log them, and its broker keep them in Redis.
    """
    from tests.queues.chores.actors import plain  # noqa: PLC0415  declares its queue in this process

    fleet.start(1, threads=2)
    message = plain.send("Zebulon Quaxley", email="zebulon.quaxley@example.org", fail=True)
    wait_for(lambda: service.get_job("errands", message.message_id).state == "failed")
    fleet.stop()
    texts = {"Redis": _server(), "logs": fleet.logs()}
    assert {where: [word for word in CANARIES if word in text] for where, text in texts.items()} == {
        "Redis": [], "logs": [],
    }  # fmt: skip

"""Lines as they leave a process: one an event, with its job, and without what may name somebody."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[3]
CANARIES = ("Zebediah", "5550123", "zeb@example.org")

_PROGRAM = """
import logging, logging.config, sys
import structlog
from dramatiq import Message
from queues.logs import context, jobs
from queues.logs.configuration import configure
logging.config.dictConfig(configure(json={json}, level="INFO"))
log = structlog.get_logger("test")
{body}
"""


def lines_of(body: str, *, as_json: bool = True) -> list[str]:
    """Return what a process that runs ``body`` logged."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "DJANGO_SETTINGS_MODULE": "settings.typecheck"}
    program = _PROGRAM.format(json=as_json, body=body)
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, env=environment, check=True, cwd=ROOT)
    assert done.stdout == b""
    return done.stderr.decode().splitlines()


def objects_of(body: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in lines_of(body)]


def test_the_four_lines_of_a_job() -> None:
    lines = objects_of(
        "jobs.started('q', 'id', 1, 't')\n"
        "jobs.completed('q', 'id', 1, 't', run_ms=12.345)\n"
        "jobs.retrying('q', 'id', 1, 't', wait_ms=2000, error_class='ValueError', error='boom')\n"
        "jobs.failed('q', 'id', 4, 't', error_class='ValueError', error='boom')\n"
    )
    assert [(line["event"], line["level"]) for line in lines] == [
        ("job_started", "info"),
        ("job_completed", "info"),
        ("job_retrying", "warning"),
        ("job_failed", "error"),
    ]
    for line in lines:
        assert (line["queue"], line["job"], line["tenant"]) == ("q", "id", "t")
    assert lines[1]["run_ms"] == 12.3
    assert (lines[2]["wait_ms"], lines[2]["error"], lines[3]["attempt"]) == (2000, "boom", 4)


def test_every_line_of_a_job_carries_it_whoever_logs() -> None:
    lines = objects_of(
        "log.info('outside')\n"
        "with context.bound('q', 'id', 2, 't'):\n"
        "    log.info('ours')\n"
        "    logging.getLogger('some.library').warning('theirs %s', 1)\n"
        "    jobs.started('other', 'id2', 1)\n"
        "log.info('outside again')\n"
    )
    assert "job" not in lines[0] and "job" not in lines[4]  # noqa: PT018  one story
    for line in lines[1:3]:
        assert (line["queue"], line["job"], line["attempt"], line["tenant"]) == ("q", "id", 2, "t")
    assert lines[2]["event"] == "theirs 1"
    assert lines[3]["job"] == "id2"


def test_dramatiq_does_not_say_again_how_an_attempt_ended_nor_a_wait_that_is_not_taken() -> None:
    lines = objects_of(
        "worker = logging.getLogger('dramatiq.worker.WorkerThread')\n"
        "retries = logging.getLogger('dramatiq.middleware.retries.Retries')\n"
        "worker.error('Failed to process message %s with unhandled exception.', 'x')\n"
        "worker.info('Failed to process message %s with expected exception %s.', 'x', 'y')\n"
        "retries.info('Retrying message %r in %d milliseconds.', 'x', 19292)\n"
        "retries.warning('Retries exceeded for message %r.', 'x')\n"
        "logging.getLogger('dramatiq.worker.ConsumerThread').info('Restarting consumer.')\n"
    )
    assert [line["event"] for line in lines] == ["Restarting consumer."]


@pytest.mark.fault(28)
@pytest.mark.parametrize("as_json", [True, False])
def test_no_canary_leaves_in_dramatiqs_or_djangos_or_our_lines(*, as_json: bool) -> None:
    # Given a message, exceptions, fields and a request that name somebody.
    text = "\n".join(
        lines_of(
            "message = Message('q', 'remind', ('Zebediah',), {'phone': '+49 170 5550123'}, {})\n"
            "dramatiq = logging.getLogger('dramatiq.worker.ConsumerThread')\n"
            "try:\n"
            "    raise ValueError('no number 5550123456 for Zebediah, zeb@example.org')\n"
            "except ValueError as error:\n"
            "    dramatiq.error('Failed to process message %s with unhandled exception.', message, exc_info=True)\n"
            "    dramatiq.critical('Consumer encountered a connection error: %s', error)\n"
            "    dramatiq.info('mapping %(message)s', {'message': message})\n"
            "    log.exception('ours', error_text='mail to zeb@example.org', who={'name': 'Zebediah'}, what=error)\n"
            "    log.warning('listed', to=['zeb@example.org', '+49 170 5550123'])\n"
            "    requests = logging.getLogger('django.request')\n"
            "    requests.error('Internal Server Error: %s', '/find?q=Zebediah', exc_info=True)\n"
            "logging.getLogger('django.server').info('\"GET /find?q=Zebediah HTTP/1.1\" 200')\n",
            as_json=as_json,
        )
    )
    # Then none of it is in the lines, which still say what happened, and where.
    for canary in CANARIES:
        assert canary not in text
    for kept in ("remind", "ValueError", "in <module>", "Internal Server Error: /find?", "GET /find?"):
        assert kept in text


@pytest.mark.fault(19)
@pytest.mark.parametrize("as_json", [True, False])
def test_an_event_is_one_line_in_reading_order_whatever_is_in_it(*, as_json: bool) -> None:
    # Given line ends, marks of direction, controls and broken text in event, fields and error.
    nasty = "a\\r\\nb\\u2028c\\u202ed\\x1b[31me\\ud800f\\x00g<script>"
    lines = lines_of(
        f"log.info('{nasty}', field='{nasty}', items=['{nasty}'])\n"
        f"logging.getLogger('library').warning('{nasty} %s', '{nasty}')\n"
        f"try:\n    raise RuntimeError('{nasty}')\nexcept RuntimeError:\n    log.exception('{nasty}')\n",
        as_json=as_json,
    )
    # Then each event is one line, and nothing in it acts on a terminal or its reader.
    assert len(lines) == 3
    for line in lines:
        assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]", line)
        if as_json:
            json.loads(line)


def test_below_the_level_nothing_is_written_and_libraries_that_log_values_are_quiet() -> None:
    assert lines_of("log.debug('no'); logging.getLogger('django.db.backends').info('SELECT secret')") == []


def test_a_process_whose_reader_is_gone_works_on() -> None:
    # Given a process whose standard error is closed at the other end.
    program = _PROGRAM.format(json=True, body="log.warning('unheard')\nprint('done')")
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "DJANGO_SETTINGS_MODULE": "settings.typecheck"}
    reader, writer = os.pipe()
    os.close(reader)
    done = subprocess.run(
        [sys.executable, "-c", program], stdout=subprocess.PIPE, stderr=writer, env=environment, check=False, cwd=ROOT
    )
    os.close(writer)
    assert (done.returncode, done.stdout) == (0, b"done\n")


def test_lines_of_one_write_do_not_mix() -> None:
    # Given two processes that write long lines to the same place at once.
    body = "for number in range(200):\n    log.info('x' * 3000, number=number)"
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "DJANGO_SETTINGS_MODULE": "settings.typecheck"}
    program = _PROGRAM.format(json=True, body=body)
    reader, writer = os.pipe()
    programs = [
        subprocess.Popen([sys.executable, "-c", program], stderr=writer, env=environment, cwd=ROOT) for _ in range(2)
    ]
    os.close(writer)
    with os.fdopen(reader) as output:
        lines = [json.loads(line) for line in output]
    assert [program.wait() for program in programs] == [0, 0]
    assert len(lines) == 400


def test_below_the_level_a_jobs_lines_cost_a_check_and_write_nothing() -> None:
    body = (
        "logging.getLogger('queues.jobs').setLevel('CRITICAL')\n"
        "jobs.started('q', 'id', 1); jobs.completed('q', 'id', 1)\n"
        "jobs.retrying('q', 'id', 1); jobs.failed('q', 'id', 1)\n"
        "import time; began = time.perf_counter()\n"
        "for _ in range(20_000): jobs.started('q', 'id', 1, 't')\n"
        "assert time.perf_counter() - began < 0.5\n"
    )
    assert lines_of(body) == []

"""Fifty people retry one job in one moment, through a live server (fault 22)."""

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from http.cookies import SimpleCookie
from threading import Barrier
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import HTTPRedirectHandler, Request, build_opener

import pytest
from django.contrib.messages.storage.cookie import CookieStorage
from django.http import HttpRequest
from django.urls import reverse
from pytest_django.live_server_helper import LiveServer

from queues.models import AuditEntry, Job
from tests.monitoring.conftest import Clinics

PEOPLE = 50


class _Stay(HTTPRedirectHandler):
    def redirect_request(self, *_: Any) -> None:
        return None


def _ask(url: str, cookies: dict[str, str], data: dict[str, str] | None = None) -> tuple[int, dict[str, str], str]:
    """Status, cookies and text of one request over HTTP."""
    headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in cookies.items())}
    body = urlencode(data).encode() if data is not None else None
    try:
        answer: Any = build_opener(_Stay()).open(Request(url, body, headers), timeout=60)  # noqa: S310  our own server
    except HTTPError as error:
        answer = error
    with answer:
        jar = SimpleCookie("\r\n".join(answer.headers.get_all("Set-Cookie", [])))
        return answer.status, {name: morsel.value for name, morsel in jar.items()}, answer.read().decode()


@pytest.mark.fault(22)
@pytest.mark.django_db(transaction=True)
def test_fifty_retries_make_one_run(
    live_server: LiveServer,
    transactional_db: None,
    short_connections: None,
    clinics: Clinics,
    reminder_job: Callable[..., Job],
) -> None:
    # Given a failed job, and fifty browsers of one operator with the confirmation open
    job = reminder_job("failed")
    session = clinics.client("operator").cookies["sessionid"].value
    confirm = live_server.url + reverse("admin:job-act-confirm", args=[job.pk, "retry"])
    act = live_server.url + reverse("admin:job-act", args=[job.pk, "retry"])
    _, cookies, page = _ask(confirm, {"sessionid": session})
    found = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page)
    assert found is not None
    token = found[1]
    start = Barrier(PEOPLE)

    def retry(_: int) -> str:
        start.wait(30)
        sent = {"sessionid": session, "csrftoken": cookies["csrftoken"]}
        status, given, _text = _ask(act, sent, {"csrfmiddlewaretoken": token})
        assert status == 302
        storage: Any = CookieStorage(HttpRequest())
        return " ".join(str(each) for each in storage._decode(given["messages"]))

    # When all press the button at once
    with ThreadPoolExecutor(PEOPLE) as crowd:
        told = list(crowd.map(retry, range(PEOPLE)))
    # Then one made a new run, the others were refused, and the audit has one entry
    job.refresh_from_db()
    assert (job.state, job.run) == ("waiting", 2)
    assert sum("will run again" in each for each in told) == 1
    assert sum("Cannot retry a job that is waiting" in each for each in told) == PEOPLE - 1
    assert AuditEntry.objects.filter(object_id=str(job.pk), action="retry").count() == 1

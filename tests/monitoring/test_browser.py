"""The way of a failed job through the admin, in a real browser that reports every script it had to refuse."""

import shutil
from collections.abc import Callable, Iterator

import pytest
from django.db import connections
from django.urls import reverse
from playwright.sync_api import Page, expect, sync_playwright
from pytest_django.live_server_helper import LiveServer

from queues.models import Job
from tests.monitoring.conftest import Clinics

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


@pytest.fixture
def page(short_connections: None) -> Iterator[Page]:
    """A browser's page that fails the test when the console has an error."""
    assert CHROMIUM, "The browser test needs Chromium: apt-get install chromium"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        tab = browser.new_page()
        complaints: list[str] = []
        tab.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
        tab.on("pageerror", lambda error: complaints.append(str(error)))
        yield tab
        # Playwright keeps an event loop in this thread, and Django a connection of its own for it.
        connections.close_all()
        browser.close()
        assert complaints == []


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_staff_find_a_failed_job_and_retry_it(
    live_server: LiveServer,
    transactional_db: None,
    clinics: Clinics,
    reminder_job: Callable[..., Job],
    page: Page,
) -> None:
    # Given two failed jobs; somebody logs in
    jobs = [reminder_job("failed", error="<img src=x onerror=alert(1)>"), reminder_job("failed")]
    page.goto(live_server.url + "/")
    page.fill("[name=username]", "operator")
    page.fill("[name=password]", "correct horse")
    page.click("button[type=submit]")
    # Then the overview counts them
    card = page.locator("#queue-appointment-reminder")
    expect(card).to_contain_text("Failed2")
    # When one is looked at, and retried after being asked
    page.get_by_role("link", name="Failed jobs").click()
    expect(page.get_by_role("button", name="Retry selected…")).to_be_disabled()
    page.locator(f"a[href='{reverse('admin:job', args=[jobs[0].pk])}']").click()
    expect(page.locator(".q-banner")).to_contain_text("<img src=x onerror=alert(1)>")
    page.get_by_role("link", name="Retry…").click()
    page.get_by_label("Why").fill("provider is back")
    page.get_by_role("button", name="Retry").click()
    # Then its page says so, with who did it and why
    expect(page.locator("body")).to_contain_text("will run again")
    expect(page.locator("body")).to_contain_text("provider is back")
    # When the rest is selected and retried
    page.get_by_role("link", name="Failed jobs").click()
    page.get_by_label("Select all jobs on this page").check()
    expect(page.locator("[data-selected]")).to_have_text("1 selected")
    page.get_by_role("button", name="Retry selected…").click()
    page.get_by_role("button", name="Retry 1 job").click()
    # Then none is left
    expect(page.locator("body")).to_contain_text("No failed jobs")
    assert set(Job.objects.values_list("state", "run")) == {("waiting", 2)}


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("width", [1280, 390])
def test_no_page_is_wider_than_the_screen(
    width: int,
    live_server: LiveServer,
    transactional_db: None,
    clinics: Clinics,
    reminder_job: Callable[..., Job],
    page: Page,
) -> None:
    job = reminder_job("failed", error="W" * 3000, error_class="W" * 300)
    session = clinics.client("root").cookies["sessionid"].value
    page.context.add_cookies([{"name": "sessionid", "value": session, "url": live_server.url}])
    page.set_viewport_size({"width": width, "height": 800})
    addresses = [reverse(f"admin:{name}") for name in ("queues", "jobs", "failed", "recurring", "workers", "audit")]
    for address in (*addresses, reverse("admin:job", args=[job.pk])):
        page.goto(live_server.url + address)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, address

"""Every address of the admin, and what each role gets there. A new address without a line here fails the test."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from django.contrib import admin
from django.urls import URLPattern, URLResolver

ROLES = ("nobody", "patient", "viewer", "operator", "admin", "other", "root")

#: Statuses in the order of ROLES. Who is not logged in as staff is sent to the log-in page.
EVERYBODY = "302 302 200 200 200 200 200"
#: A row of this clinic: the other one's staff do not find it.
READ = "302 302 200 200 200 404 200"
OPERATE = "302 302 403 200 200 404 200"
OPERATED = "302 302 403 302 302 404 302"
OPERATES_ANY = "302 302 403 200 200 200 200"
ADMINISTER = "302 302 403 403 200 404 200"
ADMINISTERED = "302 302 403 403 302 404 302"
ADMINISTERS_ANY = "302 302 403 403 200 200 200"
#: The log-in comes before the method.
WRONG_METHOD = "302 302 405 405 405 405 405"
NOT_DELETED = "302 302 403 403 403 404 403"
NOBODY = "302 302 403 403 403 403 403"
SUPERUSER = "302 302 403 403 403 403 200"


@dataclass(frozen=True, slots=True)
class Line:
    """An address: what fills its gaps, and each method's statuses."""

    name: str
    args: tuple[str, ...] = ()
    get: str = ""
    post: str = ""
    data: dict[str, str] = field(default_factory=dict)


def _pages() -> Iterator[Line]:
    for name in ("queues", "jobs", "failed", "recurring", "workers", "audit"):
        yield Line(name, get=EVERYBODY, post=WRONG_METHOD)
    yield Line("job", ("job",), READ, WRONG_METHOD)
    yield Line("jobs-retry-confirm", get=WRONG_METHOD, post="302 302 403 200 200 302 200", data={"job": "job"})
    yield Line("jobs-retry", get=WRONG_METHOD, post="302 302 403 302 302 302 302", data={"job": "job"})
    for verb in ("retry", "promote", "cancel", "remove", "reschedule"):
        yield Line("job-act-confirm", ("job", verb), OPERATE, WRONG_METHOD)
        given = {"run_at": "2030-01-01T10:00"} if verb == "reschedule" else {}
        yield Line("job-act", ("job", verb), WRONG_METHOD, OPERATED, given)
    yield Line("recurring-job", ("recurring",), READ, WRONG_METHOD)
    yield Line("recurring-edit", ("recurring",), ADMINISTER, WRONG_METHOD)
    schedule = {"cron": "0 6 * * *", "timezone": "UTC", "misfire": "skip"}
    yield Line("recurring-save", ("recurring",), WRONG_METHOD, ADMINISTERED, schedule)
    for verb in ("run", "enable", "disable"):
        yield Line("recurring-act-confirm", ("recurring", verb), ADMINISTER, WRONG_METHOD)
        yield Line("recurring-act", ("recurring", verb), WRONG_METHOD, ADMINISTERED)
    yield Line("queue-pause-confirm", ("appointment-reminder",), ADMINISTERS_ANY, WRONG_METHOD)
    why = {"tenant": "here", "reason": "Provider down"}
    yield Line("queue-pause", ("appointment-reminder",), WRONG_METHOD, "302 302 403 403 302 400 302", why)
    # The whole queue belongs to those over all workplaces.
    only_root = "302 302 403 403 403 403 302"
    yield Line("queue-resume-confirm", ("appointment-reminder",), "302 302 403 403 403 403 200", WRONG_METHOD)
    yield Line("queue-resume", ("appointment-reminder",), WRONG_METHOD, only_root, {"tenant": ""})


def _site() -> Iterator[Line]:
    yield Line("index", get="302 302 302 302 302 302 302")
    yield Line("login", get="200 200 302 302 302 302 302")
    yield Line("logout", get=WRONG_METHOD)
    yield Line("password_change", get=EVERYBODY)
    yield Line("password_change_done", get=EVERYBODY)
    yield Line("search", get=EVERYBODY)
    yield Line("jsi18n", get=EVERYBODY)
    yield Line("autocomplete", get=NOBODY)
    yield Line("view_on_site", ("0", "x"), get="302 302 404 404 404 404 404")
    yield Line("app_list", ("engagement",), get=EVERYBODY)


def _clinic() -> Iterator[Line]:
    writers = {
        "patient": (OPERATES_ANY, NOT_DELETED),
        "workplace": (SUPERUSER, NOT_DELETED),
        "staffmembership": (ADMINISTERS_ANY, "302 302 403 403 200 404 200"),
    }
    for model in ("appointment", "reminder", "delivery", "outboxmessage", "followuptask", "channelhold", *writers):
        add, delete = writers.get(model, (NOBODY, NOT_DELETED))
        yield Line(f"engagement_{model}_changelist", get=EVERYBODY)
        yield Line(f"engagement_{model}_add", get=add)
        yield Line(f"engagement_{model}_change", (model,), READ)
        yield Line(f"engagement_{model}_history", (model,), READ)
        yield Line(f"engagement_{model}_delete", (model,), delete)
    for name, verbs, who, done in (
        ("patient", ("book", "contact", "consent"), OPERATE, "302 302 403 400 400 404 400"),
        ("patient", ("reveal",), OPERATE, OPERATED),
        ("appointment", ("reschedule", "cancel"), OPERATE, "302 302 403 400 400 404 400"),
        ("delivery", ("arrived", "lost"), OPERATE, OPERATED),
        ("channelhold", ("release",), ADMINISTER, ADMINISTERED),
    ):
        for verb in verbs:
            yield Line(f"engagement_{name}_{verb}_confirm", (name,), who, WRONG_METHOD)
            yield Line(f"engagement_{name}_{verb}", (name,), WRONG_METHOD, done)


def _accounts() -> Iterator[Line]:
    absent = "302 302 403 403 403 403 200"
    for model in ("user", "group"):
        yield Line(f"auth_{model}_changelist", get=absent)
        yield Line(f"auth_{model}_add", get=absent)
        for page in ("change", "history", "delete"):
            yield Line(f"auth_{model}_{page}", (model,), absent)
    yield Line("auth_user_password_change", ("user",), absent)


LINES = [*_pages(), *_site(), *_clinic(), *_accounts()]

#: Whatever is no address at all.
UNNAMED = {"(?P<url>.*)$"}


def names() -> set[str]:
    """The names of all addresses that the admin has."""
    found: set[str] = set()

    def walk(patterns: list[URLPattern | URLResolver]) -> None:
        for each in patterns:
            if isinstance(each, URLResolver):
                walk(each.url_patterns)
            else:
                found.add(each.name or f"unnamed {each.pattern}")

    walk(admin.site.urls[0])
    return found - {f"unnamed {route}" for route in UNNAMED}

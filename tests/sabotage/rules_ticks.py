"""Rules 42 and 43, and what of rules 30 and 39 is in logs and checks."""

from tests.sabotage.patches import Patch

RECURRING = "tests/queues/recurring"

PATCHES = [
    Patch(
        30,
        "the text of any error is kept as it is",
        "queues/logs/redact.py",
        "redact_contacts(raw) if own else redact_foreign(raw)",
        "raw",
        ("tests/queues/logs/test_redact.py",),
    ),
    Patch(
        30,
        "the text of a database's error is kept, with the row's values",
        "queues/logs/redact.py",
        "    if database is not None:\n",
        "    if database == '':\n",
        ("tests/queues/logs/test_redact.py",),
    ),
    Patch(
        39,
        "workers start though the server has too few connections for them",
        "queues/checks/postgres.py",
        "    if wanted > room:\n",
        "    if wanted > room * 1000:\n",
        ("tests/queues/checks/test_servers.py",),
    ),
    Patch(
        42,
        "a tick does not hold its schedule's row",
        "queues/recurring/ticks.py",
        "WHERE id = %s FOR SHARE",
        "WHERE id = %s",
        (f"{RECURRING}/test_ticks.py",),
    ),
    Patch(
        42,
        "a tick fires whatever the schedule has become",
        "queues/recurring/ticks.py",
        "if schedule is None or not schedule.enabled or schedule.revision != revision:",
        "if schedule is None:",
        (f"{RECURRING}/test_ticks.py",),
    ),
    Patch(
        42,
        "the job is added though another scheduler made the tick",
        "queues/recurring/ticks.py",
        "        return bool(cursor.rowcount)\n",
        "        return True\n",
        (f"{RECURRING}/test_ticks.py",),
    ),
    Patch(
        42,
        "a scheduler whose clock is fast fires ahead",
        "queues/recurring/ticks.py",
        "AHEAD_S = 2.0",
        "AHEAD_S = 3600.0",
        (f"{RECURRING}/test_ticks.py",),
    ),
    Patch(
        43,
        "a late tick runs like any other",
        "queues/recurring/ticks.py",
        "        if age > timedelta(seconds=settings.QUEUES.misfire_late_s):\n",
        "        if age > timedelta(days=settings.QUEUES.misfire_late_s):\n",
        (f"{RECURRING}/test_ticks.py",),
    ),
    Patch(
        43,
        "every missed tick gets a row",
        "queues/recurring/reconcile.py",
        "SINGLE_ROWS = 1000",
        "SINGLE_ROWS = 100_000",
        (f"{RECURRING}/test_reconcile.py",),
    ),
    Patch(
        43,
        "what was missed runs although a later tick ran for it",
        "queues/recurring/reconcile.py",
        "    if run_once and newest is not None and newest == plan.until:\n",
        "    if run_once and newest is not None:\n",
        (f"{RECURRING}/test_reconcile.py",),
    ),
    Patch(
        43,
        "a changed schedule makes up for its former ticks",
        "queues/recurring/schedules.py",
        "        close_span(row, clock())\n",
        "",
        (f"{RECURRING}/test_reconcile.py",),
    ),
]

"""What the demo prints: who can log in, and where to look."""

from collections.abc import Sequence
from pathlib import Path

from engagement.demo import DemoLogin, DemoSummary


def logins(made: Sequence[DemoLogin]) -> list[str]:
    """Return a line for each log-in."""
    width = max(len(login.username) for login in made)
    return [
        f"  {login.username:<{width}}  {login.password}  sees "
        + ("everything" if login.role == "superuser" else ", ".join(login.workplaces))
        for login in made
    ]


def to_look_at(admin: str, made: DemoSummary, log: Path) -> list[str]:
    """Return what there is and where; `admin` is the address of the admin, with its slash."""
    return [
        f"  Queues, their health    {admin}queues/",
        f"  Failed jobs, to retry   {admin}queues/failed/",
        f"  Messages that went out  {admin}engagement/outboxmessage/",
        f"  Calls to make           {admin}engagement/followuptask/",
        f"  Output of all processes {log}",
        "",
        f"  The e-mail provider of {made.misbehaving} misbehaves on purpose: within a minute or two a reminder has",
        "  used up its attempts and is a failed job. Retry it there: the provider has given in by then.",
    ]

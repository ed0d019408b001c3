"""Finds the servers or has them started; whoever holds what `attach` returns keeps them running."""

import fcntl
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from settings.embedded.places import Places, Services, open_lock, read_services, signer, try_lock

#: How long a first start may take on a slow machine, seconds.
START_TIMEOUT_S = 60.0
#: Keepers that may end before their servers answer, until we give up.
MOST_STARTS = 5
#: Pause between two looks, seconds.
POLL_S = 0.005

#: One descriptor per local folder, open until the process ends: the kernel then gives its lock back.
_held: dict[Path, int] = {}


class ServersUnavailable(RuntimeError):
    """The embedded servers did not start."""

    def __init__(self, places: Places, reason: str) -> None:
        """Say why, and where to look."""
        tail = _tail(places.log)
        super().__init__(
            f"The embedded PostgreSQL and Valkey {reason}. Look into {places.log}, or set DATABASE_URL and REDIS_URL "
            f"to servers of your own.{tail}"
        )


def attach(local_dir: Path) -> Services:
    """Return the running servers of a local folder, started if need be, and count as their user from now on.

    Under a millisecond when they run, some 0.1 s when not, half a second the first time ever.
    Raises ServersUnavailable when they cannot be started.
    """
    places = Places(local_dir)
    if local_dir not in _held:
        users = _open_users_lock(places)
        # Waits only while a keeper without users is stopping.
        fcntl.flock(users, fcntl.LOCK_SH)
        _held[local_dir] = users
    deadline = time.monotonic() + START_TIMEOUT_S
    starts = 0
    while time.monotonic() < deadline and starts <= MOST_STARTS:
        services = running(local_dir)
        if services is not None:
            return services
        if not _is_kept(places):
            _start_keeper(places)
            starts += 1
        time.sleep(POLL_S)
    raise ServersUnavailable(places, f"did not answer ({starts} starts within {START_TIMEOUT_S:.0f} s)")


def running(local_dir: Path) -> Services | None:
    """Return the servers if they run; starts nothing and counts as no user."""
    services = read_services(Places(local_dir))
    return services if services is not None and services.are_alive() else None


def release(local_dir: Path) -> None:
    """Stop counting as a user of these servers."""
    users = _held.pop(local_dir, None)
    if users is not None:
        os.close(users)


def stop(local_dir: Path, timeout_s: float = 30.0) -> bool:
    """Stop the servers, used or not; return whether they ran.

    Raises ServersUnavailable when they still run after `timeout_s`.
    """
    places = Places(local_dir)
    if not places.root.exists():
        return False
    deadline = time.monotonic() + timeout_s
    services = read_services(places)
    # Without a keeper the kernel has told its servers to end; they may not have done so yet.
    ending = [] if services is None else [one for one in (services.postgres, services.valkey) if one.is_alive()]
    ran = bool(ending)
    asked = None
    while _is_kept(places) or any(one.is_alive() for one in ending):
        ran = True
        # More than one may have to be asked: a killed one is replaced.
        keeper = signer(places.keeper_lock)
        if keeper is not None and keeper != asked:
            os.kill(keeper.pid, signal.SIGTERM)
            asked = keeper
        if time.monotonic() > deadline:
            raise ServersUnavailable(places, f"did not stop within {timeout_s:.0f} s")
        time.sleep(POLL_S)
    return ran


def _open_users_lock(places: Places) -> int:
    try:
        places.root.mkdir(parents=True, exist_ok=True)
        return open_lock(places.users_lock)
    except OSError as error:
        reason = f"cannot be kept in {places.root}: user {os.geteuid()} cannot write there ({error.strerror})"
        raise ServersUnavailable(places, reason) from None


def _is_kept(places: Places) -> bool:
    lock = open_lock(places.keeper_lock)
    try:
        return not try_lock(lock, fcntl.LOCK_SH)
    finally:
        os.close(lock)


def _start_keeper(places: Places) -> None:
    """Run the keeper's program; it returns once it has the lock and lives on by itself, or somebody else has it."""
    checkout = Path(__file__).resolve().parent.parent.parent
    log = os.open(places.log, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
    try:
        result = subprocess.run(  # noqa: S603  (our own module)
            [sys.executable, "-m", "settings.embedded.keeper", str(places.root)],
            cwd=checkout,
            env={"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C"},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
            check=False,
        )
    finally:
        os.close(log)
    if result.returncode != 0:
        raise ServersUnavailable(places, "could not be started")


def _tail(log: Path, lines: int = 5) -> str:
    try:
        said = log.read_text(errors="replace").strip().splitlines()[-lines:]
    except OSError:
        return ""
    return " The last lines say:\n  " + "\n  ".join(said) if said else ""

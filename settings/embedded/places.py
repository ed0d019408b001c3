"""Where things are below the local folder, and how a process is told from a later one with the same number."""

import fcntl
import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Places:
    """The files of one set of servers."""

    #: The folder that owns everything; usually `.local` in the checkout.
    root: Path

    @property
    def users_lock(self) -> Path:
        """Shared by every process that uses the servers; had exclusively, there is none left."""
        return self.root / "users.lock"

    @property
    def keeper_lock(self) -> Path:
        """Held by the one keeper as long as it lives."""
        return self.root / "keeper.lock"

    @property
    def services(self) -> Path:
        """Where the servers are, written when both answer, gone before they stop."""
        return self.root / "services.json"

    @property
    def log(self) -> Path:
        """What the keeper has to say."""
        return self.root / "keeper.log"


@dataclass(frozen=True, slots=True)
class Process:
    """One process, for as long as it lives: a number and the moment it started."""

    pid: int
    #: Clock ticks since the machine started; no two processes with one number share it.
    started: int

    def is_alive(self) -> bool:
        """Whether it runs; a zombie does not, nor does another process with its number."""
        return process(self.pid) == self


@dataclass(frozen=True, slots=True)
class Services:
    """Running servers."""

    database_url: str
    redis_url: str
    keeper: Process
    postgres: Process
    valkey: Process

    def are_alive(self) -> bool:
        """Whether all three processes run."""
        return self.keeper.is_alive() and self.postgres.is_alive() and self.valkey.is_alive()


def process(pid: int) -> Process | None:
    """Return the process with this number, or None when it is gone or a zombie."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return None
    # The name in brackets may hold blanks and brackets itself; the fields after the last one are regular.
    state, *fields = stat.rpartition(")")[2].split()
    return None if state in "ZX" else Process(pid, int(fields[18]))


def folder_of(pid: int) -> Path | None:
    """Return the working directory of a process, or None when it is gone or not ours to see."""
    try:
        return Path(f"/proc/{pid}/cwd").readlink()
    except OSError:
        return None


def read_services(places: Places) -> Services | None:
    """Return what the file says, or None when there is none that can be read."""
    try:
        found = json.loads(places.services.read_text())
        keeper, postgres, valkey = (Process(**found[name]) for name in ("keeper", "postgres", "valkey"))
        return Services(found["database_url"], found["redis_url"], keeper, postgres, valkey)
    except (OSError, ValueError, KeyError, TypeError):
        return None


def write_services(places: Places, services: Services) -> None:
    """Write the file at once: a reader sees the old one, the new one or none."""
    draft = places.services.with_suffix(".new")
    draft.touch(mode=0o600)
    draft.write_text(json.dumps(asdict(services), indent=1))
    draft.replace(places.services)


def sign(lock: int, owner: Process) -> None:
    """Write into a lock's file who holds it."""
    os.ftruncate(lock, 0)
    os.pwrite(lock, f"{owner.pid} {owner.started}\n".encode(), 0)


def signer(path: Path) -> Process | None:
    """Return the living process that signed a lock's file, if there is one."""
    try:
        pid, started = map(int, path.read_text().split())
    except (OSError, ValueError):
        return None
    owner = Process(pid, started)
    return owner if owner.is_alive() else None


def open_lock(path: Path) -> int:
    """Return a descriptor for `flock`; it is closed in a program that is started from here."""
    return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)


def try_lock(descriptor: int, kind: int) -> bool:
    """Take the lock if nobody is in the way."""
    try:
        fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def write_secret(path: Path, text: str) -> None:
    """Write a file that only its owner can read."""
    path.touch(mode=0o600)
    path.write_text(text)

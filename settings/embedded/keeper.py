"""The keeper: one detached process per local folder that owns the servers as long as anybody uses them.

Ownership is a lock that the kernel frees when its process dies, so a killed keeper leaves no trace: its servers get
a signal from the kernel, and its parent, which does nothing else, starts another keeper; if that was killed too, the
next user does. Run as `python -m settings.embedded.keeper FOLDER`.
"""

import fcntl
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType
from typing import NoReturn

from settings.embedded.launch import check_platform
from settings.embedded.places import Places, Process, Services, open_lock, process, sign, try_lock, write_services
from settings.embedded.postgres import Postgres
from settings.embedded.valkey import Valkey

#: How long the servers stay after their last user has gone, seconds.
LINGER_S = 3.0
#: Pause between two looks at users and servers, seconds.
WATCH_S = 0.1
#: How long a server may take to answer (it may have to recover first), seconds.
READY_S = 55.0
#: How long a server may take to stop, seconds.
STOP_S = 20.0


class Keeper:
    """Starts, watches and stops the servers of one local folder. The caller holds the keeper's lock."""

    def __init__(self, places: Places) -> None:
        """Own the servers below `places.root`."""
        self.places = places
        self.postgres = Postgres(places.root)
        self.valkey = Valkey(places.root)
        self.children: dict[str, subprocess.Popen[bytes]] = {}
        self.urls: dict[str, str] = {}
        self.stopping = False

    def run(self, lock: int) -> None:
        """Sign the lock and keep the servers until nobody uses them or somebody asks to stop."""
        for asked in (signal.SIGTERM, signal.SIGINT):
            signal.signal(asked, self._ask_to_stop)
        sign(lock, _known(os.getpid()))
        users = open_lock(self.places.users_lock)
        try:
            self.places.services.unlink(missing_ok=True)
            self.start()
            self._watch(users)
        finally:
            self.places.services.unlink(missing_ok=True)
            self.stop()

    def start(self) -> None:
        """Start what does not run, wait until both answer, and tell everybody where they are."""
        for name, server in (("postgres", self.postgres), ("valkey", self.valkey)):
            if name not in self.children:
                server.prepare()
                self.children[name], self.urls[name] = server.start()
        self._wait_for("postgres", self.postgres.is_ready)
        self._wait_for("valkey", self.valkey.is_ready)
        keeper, postgres, valkey = (
            _known(pid) for pid in (os.getpid(), self.children["postgres"].pid, self.children["valkey"].pid)
        )
        write_services(self.places, Services(self.urls["postgres"], self.urls["valkey"], keeper, postgres, valkey))
        say(f"serving: postgres {postgres.pid}, valkey {valkey.pid}")

    def stop(self) -> None:
        """Stop both at once, PostgreSQL without waiting for its clients, and force what does not go."""
        for name, asked in (("postgres", signal.SIGINT), ("valkey", signal.SIGTERM)):
            if name in self.children:
                self.children[name].send_signal(asked)
        for name, forced in (("postgres", signal.SIGQUIT), ("valkey", signal.SIGKILL)):
            if name in self.children:
                try:
                    self.children[name].wait(STOP_S)
                except subprocess.TimeoutExpired:
                    say(f"{name} did not stop within {STOP_S:.0f} s")
                    self.children[name].send_signal(forced)
                    self.children[name].wait(STOP_S)
        say("stopped")

    def _watch(self, users: int) -> None:
        unused_since: float | None = None
        while not self.stopping:
            for name in [name for name, child in self.children.items() if child.poll() is not None]:
                self.places.services.unlink(missing_ok=True)
                say(f"{name} ended with {self.children.pop(name).returncode}; starting it again")
            if len(self.children) < len(self.urls):
                self.start()
            if not try_lock(users, fcntl.LOCK_EX):
                unused_since = None
            elif unused_since is None:
                unused_since = time.monotonic()
                fcntl.flock(users, fcntl.LOCK_UN)
            elif time.monotonic() - unused_since > LINGER_S:
                # Kept until the end: who comes now waits for it, then starts another keeper.
                return
            else:
                fcntl.flock(users, fcntl.LOCK_UN)
            time.sleep(WATCH_S)

    def _wait_for(self, name: str, is_ready: Callable[[], bool]) -> None:
        deadline = time.monotonic() + READY_S
        while not is_ready():
            if self.children[name].poll() is not None or time.monotonic() > deadline:
                code = self.children[name].returncode
                raise RuntimeError(f"{name} did not start (exit {code}); see {self.places.root / name}.log")
            time.sleep(0.005)

    def _ask_to_stop(self, _signal: int, _frame: FrameType | None) -> None:
        self.stopping = True


def _known(pid: int) -> Process:
    found = process(pid)
    if found is None:
        raise RuntimeError(f"Process {pid} has ended.")
    return found


def say(text: str) -> None:
    """Write one line to the keeper's log."""
    print(f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ} keeper {os.getpid()}: {text}", file=sys.stderr, flush=True)  # noqa: T201


def main(root: Path) -> None:
    """Take the lock, detach and keep; return at once when somebody else has it."""
    check_platform()
    os.umask(0o077)
    # Whoever started us may have blocked signals; we and the servers must not inherit that.
    signal.pthread_sigmask(signal.SIG_SETMASK, ())
    places = Places(root)
    Postgres(root).find_programs()
    Valkey(root).find_program()
    lock = open_lock(places.keeper_lock)
    for _ in range(20):
        # A client that looks whether the lock is held has it for an instant.
        if try_lock(lock, fcntl.LOCK_EX):
            break
        time.sleep(0.005)
    else:
        return
    if os.fork() != 0:
        # The lock lives on in the child; the caller may go on.
        os._exit(0)
    while True:
        keeper = os.fork()
        if keeper == 0:
            keep(places, lock)
        if not os.WIFSIGNALED(os.waitpid(keeper, 0)[1]):
            return
        # Killed: those who use the servers now would wait for ever for somebody new to start another keeper.
        say(f"keeper {keeper} was killed; another takes its place")


def keep(places: Places, lock: int) -> NoReturn:
    """Be the keeper, and end the process."""
    try:
        Keeper(places).run(lock)
    except Exception as error:  # noqa: BLE001  (its only reader is the log)
        say(f"{type(error).__name__}: {error}")
        os._exit(1)
    os._exit(0)


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve())

"""Starts a server so that it dies with its keeper, without root's rights where root started it."""

import ctypes
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

_PR_SET_PDEATHSIG = 1


class MissingProgram(RuntimeError):
    """A program that the embedded servers need is not there."""


def as_root() -> bool:
    """Whether servers must give up root's rights (PostgreSQL refuses to run with them)."""
    return os.geteuid() == 0


def server_command(command: list[str], death_signal: signal.Signals | None) -> list[str]:
    """Return the command, for root wrapped so that it runs as nobody.

    It keeps one right, to pass folders that only root may enter (`dac_override`), so neither their permissions nor
    the system's users need to change. setpriv sets the death signal last: giving up the user id clears it.
    """
    if not as_root():
        return command
    setpriv = shutil.which("setpriv")
    if setpriv is None:
        raise MissingProgram("setpriv (package util-linux) is needed to start the embedded PostgreSQL as root.")
    rights = ["--reuid=nobody", f"--regid={nobody_group()}", "--clear-groups"]
    rights += ["--inh-caps=+dac_override", "--ambient-caps=+dac_override"]
    if death_signal is not None:
        rights += ["--pdeathsig", death_signal.name.removeprefix("SIG")]
    return [setpriv, *rights, *command]


def start_server(
    command: list[str], *, death_signal: signal.Signals, log: Path, environment: dict[str, str]
) -> subprocess.Popen[bytes]:
    """Start a server in the foreground, in a session of its own, writing to `log`.

    When the keeper dies, however it dies, the kernel sends the server `death_signal`.
    """
    descriptor = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
    try:
        return subprocess.Popen(  # noqa: S603  (programs of our own wheels)
            command,
            stdin=subprocess.DEVNULL,
            stdout=descriptor,
            stderr=descriptor,
            env=environment,
            start_new_session=True,
            preexec_fn=_dies_with_parent(os.getpid(), death_signal),  # noqa: PLW1509  (the keeper has one thread)
        )
    finally:
        os.close(descriptor)


def _dies_with_parent(parent: int, death_signal: signal.Signals) -> Callable[[], None]:
    libc = ctypes.CDLL(None, use_errno=True)

    def prepare() -> None:
        if libc.prctl(_PR_SET_PDEATHSIG, int(death_signal), 0, 0, 0) != 0 or os.getppid() != parent:
            os._exit(1)

    return prepare


def nobody_group() -> str:
    """Return the name of nobody's group, which distributions do not agree on."""
    import grp  # noqa: PLC0415  (only root needs it)
    import pwd  # noqa: PLC0415

    return grp.getgrgid(pwd.getpwnam("nobody").pw_gid).gr_name


def give_to_server(folder: Path) -> None:
    """Make nobody the owner of a folder of ours, if root starts the servers."""
    if as_root():
        shutil.chown(folder, "nobody", nobody_group())


def check_owner(folder: Path) -> None:
    """Raise RuntimeError for a folder that another user's servers made."""
    import pwd  # noqa: PLC0415  (as above)

    wanted = pwd.getpwnam("nobody").pw_uid if as_root() else os.geteuid()
    if folder.stat().st_uid != wanted:
        raise RuntimeError(f"{folder} was made by another user; remove {folder.parent} or set LOCAL_DIR to another.")


def check_platform() -> None:
    """Raise MissingProgram where the embedded servers cannot be used."""
    if sys.platform != "linux":
        raise MissingProgram("The embedded servers run on Linux only; set DATABASE_URL and REDIS_URL instead.")

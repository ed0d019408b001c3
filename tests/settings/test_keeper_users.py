"""The embedded servers run as root and as an ordinary user, and touch no permission outside their folder."""

import os
import pwd
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from settings.embedded import client
from settings.embedded.places import Places, Services, read_services

CHECKOUT = Path(__file__).resolve().parent.parent.parent
#: An ordinary user; it may read and enter what root's Python stands on, but write nothing of root's.
ORDINARY = pwd.getpwnam("daemon").pw_uid
USE = """
import os, sys
from pathlib import Path
import psycopg, redis
from settings.embedded.client import attach
services = attach(Path(sys.argv[1]))
with psycopg.connect(services.database_url) as connection:
    print(os.geteuid(), connection.execute("SELECT 40 + 2").fetchone()[0])
print(redis.Redis.from_url(services.redis_url).ping())
"""


@pytest.fixture
def closed_folder(tmp_path: Path) -> Iterator[Path]:
    """Give a folder that only its owner can enter, and everything above it as it was."""
    folder = tmp_path / "closed"
    folder.mkdir(mode=0o700)
    yield folder
    client.stop(folder / "local")


def _permissions_above(folder: Path) -> dict[Path, tuple[int, int, int]]:
    return {
        path: (status.st_mode, status.st_uid, status.st_gid)
        for path in (folder, *folder.parents)
        for status in [path.stat()]
    }


def _use(folder: Path, *prefix: str) -> list[str]:
    done = subprocess.run(
        [*prefix, sys.executable, "-c", USE, str(folder / "local")],
        cwd=CHECKOUT,
        env={"PATH": os.environ["PATH"]},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.split()


def _owner_of_process(pid: int) -> int:
    return Path(f"/proc/{pid}").stat().st_uid


def _services(folder: Path) -> Services:
    services = read_services(Places(folder / "local"))
    assert services is not None
    return services


def test_whoever_runs_the_tests_can_use_them_below_a_closed_folder(closed_folder: Path) -> None:
    # Given a folder closed to everybody else
    before = _permissions_above(closed_folder)

    # When its owner needs servers there
    answer = _use(closed_folder)

    # Then they serve, PostgreSQL not as root, and nothing above has changed
    assert answer == [str(os.geteuid()), "42", "True"]
    assert _owner_of_process(_services(closed_folder).postgres.pid) != 0
    assert _permissions_above(closed_folder) == before


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else; others ran the test above")
def test_an_ordinary_user_runs_them_as_himself(closed_folder: Path) -> None:
    # Given an ordinary user with a folder of his own
    setpriv = shutil.which("setpriv")
    assert setpriv is not None
    os.chown(closed_folder, ORDINARY, ORDINARY)
    before = _permissions_above(closed_folder)
    become = [setpriv, f"--reuid={ORDINARY}", f"--regid={ORDINARY}", "--clear-groups"]
    become += ["--inh-caps=-all,+dac_read_search", "--ambient-caps=-all,+dac_read_search"]

    # When he needs servers there
    answer = _use(closed_folder, *become)

    # Then they are his, and nothing above has changed
    services = _services(closed_folder)
    assert answer == [str(ORDINARY), "42", "True"]
    assert {_owner_of_process(one.pid) for one in (services.keeper, services.postgres, services.valkey)} == {ORDINARY}
    assert _permissions_above(closed_folder) == before


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can make files of somebody else")
def test_files_of_another_user_are_refused_with_the_way_out(closed_folder: Path) -> None:
    # Given database files that an ordinary user's servers made
    _use(closed_folder)
    client.stop(closed_folder / "local")
    os.chown(closed_folder / "local" / "postgres", ORDINARY, ORDINARY)

    # When root needs servers there
    with pytest.raises(client.ServersUnavailable) as failed:
        client.attach(closed_folder / "local")
    client.release(closed_folder / "local")

    # Then it says whose files they are and what to do
    assert "was made by another user; remove" in str(failed.value)


def test_the_secrets_are_readable_by_their_owner_only(closed_folder: Path) -> None:
    _use(closed_folder)

    local = closed_folder / "local"
    for name in ("services.json", "postgres.password", "valkey.password", "valkey.conf", "run", "postgres", "valkey"):
        assert (local / name).stat().st_mode & 0o077 == 0, name


def test_a_user_killed_with_all_its_might_leaves_nothing_running(closed_folder: Path) -> None:
    # Given a user that is killed while it works
    wait = USE + "print('in', flush=True); sys.stdin.read()"
    command = [sys.executable, "-c", wait, str(closed_folder / "local")]
    with subprocess.Popen(command, cwd=CHECKOUT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as user:
        assert user.stdout
        while user.stdout.readline().strip() != "in":
            pass
        services = _services(closed_folder)
        user.kill()

    # When ten seconds have passed at most, then nothing of it runs
    deadline = time.monotonic() + 10
    while any(one.is_alive() for one in (services.keeper, services.postgres, services.valkey)):
        assert time.monotonic() < deadline
        time.sleep(0.05)

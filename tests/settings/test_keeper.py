"""The embedded servers: started by need, shared, replaced when killed, stopped after their last user."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
import redis

from settings.embedded import client
from settings.embedded.places import Places, Process, Services, process, read_services, signer

CHECKOUT = Path(__file__).resolve().parent.parent.parent
ATTACH = "import sys; from pathlib import Path; from settings.embedded.client import attach; "
PRINT_KEEPER = ATTACH + "print(attach(Path(sys.argv[1])).keeper.pid)"


@pytest.fixture
def local_dir(tmp_path: Path) -> Iterator[Path]:
    """Give a local folder of the test's own; its servers are stopped afterwards."""
    folder = tmp_path / "local"
    yield folder
    client.release(folder)
    client.stop(folder)


def _eventually(is_so: Callable[[], bool], within_s: float = 15.0) -> bool:
    deadline = time.monotonic() + within_s
    while not is_so():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.01)
    return True


def _attach_elsewhere(folder: Path) -> int:
    """Attach in another process, which ends at once; return its keeper's number."""
    done = subprocess.run(
        [sys.executable, "-c", PRINT_KEEPER, str(folder)], cwd=CHECKOUT, capture_output=True, text=True, check=True
    )
    return int(done.stdout)


def _write(services: Services, value: str) -> None:
    with psycopg.connect(services.database_url) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS kept (value text)")
        connection.execute("INSERT INTO kept VALUES (%s)", [value])
    with redis.Redis.from_url(services.redis_url) as cache:
        cache.rpush("kept", value)
        # Valkey writes its file every second; a test does not wait for it.
        cache.execute_command("WAITAOF", 1, 0, 5000)


def _read(services: Services) -> tuple[list[str], list[str]]:
    with psycopg.connect(services.database_url) as connection:
        rows = [row[0] for row in connection.execute("SELECT value FROM kept").fetchall()]
    with redis.Redis.from_url(services.redis_url, decode_responses=True) as cache:
        return rows, cache.lrange("kept", 0, -1)


def _all_gone(*processes: Process) -> Callable[[], bool]:
    return lambda: not any(one.is_alive() for one in processes)


def test_the_first_user_starts_both_and_they_are_set_as_the_queue_needs(local_dir: Path) -> None:
    services = client.attach(local_dir)

    with psycopg.connect(services.database_url) as connection:
        encoding, limit = connection.execute(
            "SELECT current_setting('server_encoding'), current_setting('max_connections')"
        ).fetchone() or ("", "")
    with redis.Redis.from_url(services.redis_url, decode_responses=True) as cache:
        policy = cache.config_get("maxmemory-policy")["maxmemory-policy"]
        appends = cache.config_get("appendonly")["appendonly"]
    assert (encoding, limit) == ("UTF8", "200")
    assert (policy, appends) == ("noeviction", "yes")


def test_others_find_them_within_a_millisecond_or_so(local_dir: Path) -> None:
    first = client.attach(local_dir)

    started = time.perf_counter()
    second = client.attach(local_dir)

    assert second == first
    assert time.perf_counter() - started < 0.02
    assert _attach_elsewhere(local_dir) == first.keeper.pid


def test_six_at_once_make_one_keeper(local_dir: Path) -> None:
    # Given six processes that all need servers, and none there
    command = [sys.executable, "-c", PRINT_KEEPER, str(local_dir)]
    users = [subprocess.Popen(command, cwd=CHECKOUT, stdout=subprocess.PIPE, text=True) for _ in range(6)]

    # When all attach
    keepers = {user.communicate(timeout=60)[0] for user in users}

    # Then they were given the same one
    assert len(keepers) == 1
    assert [user.returncode for user in users] == [0] * 6


def test_they_stop_after_their_last_user_and_start_again_with_their_data(local_dir: Path) -> None:
    # Given data written by a user who has gone
    services = client.attach(local_dir)
    _write(services, "before")
    client.release(local_dir)

    # When some seconds have passed, then both have stopped
    assert _eventually(_all_gone(services.keeper, services.postgres, services.valkey))
    assert not Places(local_dir).services.exists()

    # And the next user finds the data
    assert _read(client.attach(local_dir)) == (["before"], ["before"])


def test_they_stay_as_long_as_one_process_uses_them(local_dir: Path) -> None:
    # Given two users
    services = client.attach(local_dir)
    wait = ATTACH + "attach(Path(sys.argv[1])); print('in', flush=True); sys.stdin.read()"
    command = [sys.executable, "-c", wait, str(local_dir)]
    with subprocess.Popen(command, cwd=CHECKOUT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout
        assert other.stdout.readline() == "in\n"

        # When one leaves, then the servers stay for the other
        client.release(local_dir)
        assert not _eventually(lambda: not services.keeper.is_alive(), within_s=4)

        # And when that one is killed, they go
        other.kill()
    assert _eventually(_all_gone(services.keeper, services.postgres, services.valkey))


def test_a_killed_keeper_takes_its_servers_along_and_is_replaced_with_all_data(local_dir: Path) -> None:
    # Given running servers with data
    before = client.attach(local_dir)
    _write(before, "kept")

    # When the keeper is killed
    os.kill(before.keeper.pid, signal.SIGKILL)

    # Then the next user gets new servers, the data, and the addresses that running clients know
    assert _eventually(lambda: not before.keeper.is_alive())
    after = client.attach(local_dir)
    assert after.keeper != before.keeper
    assert (after.database_url, after.redis_url) == (before.database_url, before.redis_url)
    assert _read(after) == (["kept"], ["kept"])
    assert _eventually(_all_gone(before.postgres, before.valkey))


def test_after_the_kill_of_a_keeper_running_users_get_their_servers_back_by_themselves(local_dir: Path) -> None:
    # Given a user that is connected, and nobody new who would start anything
    before = client.attach(local_dir)
    _write(before, "kept")

    # When the keeper is killed
    os.kill(before.keeper.pid, signal.SIGKILL)

    # Then another has the servers running at the same addresses
    assert _eventually(lambda: (now := client.running(local_dir)) is not None and now.keeper != before.keeper)
    assert _read(before) == (["kept"], ["kept"])


@pytest.mark.parametrize("name", ["postgres", "valkey"])
def test_a_killed_server_is_started_again_by_its_keeper(local_dir: Path, name: str) -> None:
    # Given running servers with data
    before = client.attach(local_dir)
    _write(before, "kept")
    victim: Process = getattr(before, name)

    # When one is killed, and even its number is left in its lock file
    os.kill(victim.pid, signal.SIGKILL)

    # Then the same keeper has both running soon, at the same addresses, with the data
    assert _eventually(lambda: (now := client.running(local_dir)) is not None and getattr(now, name) != victim)
    after = client.attach(local_dir)
    assert after.keeper == before.keeper
    assert (after.database_url, after.redis_url) == (before.database_url, before.redis_url)
    assert _read(after) == (["kept"], ["kept"])


def test_a_lock_with_a_foreign_number_does_not_keep_postgres_from_starting(local_dir: Path) -> None:
    # Given a lock file that names a living process which is no server of ours
    client.attach(local_dir)
    client.release(local_dir)
    client.stop(local_dir)
    (local_dir / "postgres" / "postmaster.pid").write_text(f"{os.getpid()}\n{local_dir}/postgres\n")
    (local_dir / "valkey" / "valkey.pid").write_text(f"{os.getpid()}\n")

    # When somebody needs the servers, then they start, and that process lives on
    assert client.attach(local_dir).are_alive()
    assert process(os.getpid()) is not None


def test_a_half_made_database_is_made_anew(local_dir: Path) -> None:
    # Given what a kill during the very first start leaves
    half = local_dir / "postgres.new-half"
    half.mkdir(parents=True)
    (half / "PG_VERSION").write_text("18\n")

    # When somebody needs the servers, then they are whole
    assert client.attach(local_dir).are_alive()
    assert not half.exists()


def test_two_checkouts_run_side_by_side(local_dir: Path, tmp_path: Path) -> None:
    other_dir = tmp_path / "other"
    try:
        one, other = client.attach(local_dir), client.attach(other_dir)
        _write(one, "one")
        _write(other, "other")

        assert _read(one) == (["one"], ["one"])
        assert _read(other) == (["other"], ["other"])
    finally:
        client.release(other_dir)
        client.stop(other_dir)


def test_stopping_ends_all_three_even_if_they_are_used(local_dir: Path) -> None:
    services = client.attach(local_dir)

    assert client.stop(local_dir) is True

    assert _all_gone(services.keeper, services.postgres, services.valkey)()
    assert read_services(Places(local_dir)) is None
    assert signer(Places(local_dir).keeper_lock) is None
    assert client.stop(local_dir) is False


def test_a_path_too_long_for_a_socket_uses_tcp_with_a_password(tmp_path: Path) -> None:
    deep = tmp_path / ("x" * 60) / ("y, z'\"" * 8) / "local"
    try:
        services = client.attach(deep)

        assert "@127.0.0.1:" in services.database_url
        _write(services, "far")
        with pytest.raises(psycopg.OperationalError, match="password"):
            psycopg.connect(services.database_url.replace("engagement:", "engagement:wrong-", 1))
    finally:
        client.release(deep)
        client.stop(deep)


def test_a_failure_says_where_to_look_and_what_else_to_do(tmp_path: Path) -> None:
    # Given a folder in which the database's files cannot be made
    folder = tmp_path / "local"
    folder.mkdir()
    (folder / "postgres.password").mkdir()

    # When somebody needs the servers, then it gives up soon and says all that is known
    with pytest.raises(client.ServersUnavailable) as failed:
        client.attach(folder)
    client.release(folder)
    assert str(folder / "keeper.log") in str(failed.value)
    assert "Is a directory" in str(failed.value)
    assert "DATABASE_URL" in str(failed.value)

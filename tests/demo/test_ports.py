"""The web server gets the wished port, or the next one that is free."""

import socket

import pytest

from settings.demo.ports import NoFreePort, first_free


@pytest.fixture
def taken() -> socket.socket:
    server = socket.create_server(("127.0.0.1", 0))
    yield server
    server.close()


def test_a_free_port_is_taken_as_wished() -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        wished = probe.getsockname()[1]
    assert first_free(wished) == wished


def test_a_taken_port_makes_way_for_the_next(taken: socket.socket) -> None:
    port = taken.getsockname()[1]
    assert port < first_free(port) < port + 100


def test_one_that_listens_everywhere_counts_too() -> None:
    with socket.create_server(("0.0.0.0", 0)) as everywhere:  # noqa: S104  to see that it is noticed
        port = everywhere.getsockname()[1]
        assert first_free(port) > port


def test_without_a_free_port_it_says_what_to_do() -> None:
    with pytest.raises(NoFreePort, match="--port"):
        first_free(65_536)


def test_any_port_will_do() -> None:
    assert 1024 < first_free(0) < 65_536

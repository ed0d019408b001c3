"""A PostgreSQL URL becomes Django's DATABASES without losing a character."""

from settings.connections import databases


def test_every_part_of_a_url_is_taken() -> None:
    made = databases("postgresql://us%40er:p%3Ass@Db.example:5433/clin%20ic?sslmode=verify-full&connect_timeout=2")

    default = made["default"]
    assert (default["USER"], default["PASSWORD"]) == ("us@er", "p:ss")
    assert (default["HOST"].lower(), default["PORT"], default["NAME"]) == ("db.example", "5433", "clin ic")
    assert default["OPTIONS"] == {"sslmode": "verify-full", "connect_timeout": "2"}
    assert default["CONN_MAX_AGE"] is None
    assert default["CONN_HEALTH_CHECKS"] is True


def test_an_ipv6_address_is_a_host() -> None:
    assert databases("postgresql://[::1]:5432/clinic")["default"]["HOST"] == "::1"


def test_an_encoded_path_is_a_sockets_folder_and_keeps_its_case() -> None:
    made = databases("postgresql://engagement:secret@%2FVar%2Frun:5432/clinic")["default"]

    assert (made["HOST"], made["PORT"]) == ("/Var/run", "5432")


def test_what_is_not_given_is_left_to_libpq() -> None:
    made = databases("postgres:///clinic")["default"]

    assert (made["HOST"], made["PORT"], made["USER"], made["PASSWORD"]) == ("", "", "", "")

"""Variables are typed, and every refusal names the variable, what it holds and what it may hold."""

import pytest

from settings.environment import Environment, InvalidVariable, database_url, redis_url
from settings.queueing import queue_settings


@pytest.mark.parametrize(("text", "expected"), [("0", 0), ("30000", 30000), (" 7 ", 7), ("", 5)])
def test_a_whole_number_is_read_and_nothing_means_the_default(text: str, expected: int) -> None:
    assert Environment({"QUEUE_RETRY_DELAY": text}).integer("QUEUE_RETRY_DELAY", 5) == expected


@pytest.mark.parametrize("text", ["2s", "-1", "1.5", "1e3", "٣x", "99999999999"])
def test_a_wrong_number_is_refused_by_name(text: str) -> None:
    with pytest.raises(InvalidVariable) as refused:
        Environment({"QUEUE_RETRY_DELAY": text}).integer("QUEUE_RETRY_DELAY", 5)

    message = str(refused.value)
    assert "QUEUE_RETRY_DELAY" in message
    assert repr(text) in message
    assert "a whole number from 0 to 2147483647" in message


@pytest.mark.parametrize(("text", "expected"), [("1", True), ("Yes", True), ("off", False), ("0", False), ("", True)])
def test_a_truth_value_has_four_spellings_each(text: str, expected: object) -> None:
    assert Environment({"DEBUG": text}).boolean("DEBUG", default=True) is expected


def test_an_unknown_truth_value_is_refused() -> None:
    with pytest.raises(
        InvalidVariable, match="DEBUG must be one of 1, true, yes, on, 0, false, no, off; it is 'maybe'"
    ):
        Environment({"DEBUG": "maybe"}).boolean("DEBUG", default=False)


@pytest.mark.parametrize("text", ["nan", "inf", "-0.1", "x"])
def test_a_wrong_decimal_is_refused(text: str) -> None:
    with pytest.raises(InvalidVariable, match="QUEUE_PUBLISH_TIMEOUT"):
        queue_settings("redis://localhost", Environment({"QUEUE_PUBLISH_TIMEOUT": text}))


def test_a_choice_is_one_of_its_words() -> None:
    assert Environment({}).choice("LOG_FORMAT", "text", ("json", "text")) == "text"
    assert Environment({"LOG_FORMAT": "json"}).choice("LOG_FORMAT", "text", ("json", "text")) == "json"
    with pytest.raises(InvalidVariable, match="LOG_FORMAT must be one of json, text; it is 'xml'"):
        Environment({"LOG_FORMAT": "xml"}).choice("LOG_FORMAT", "text", ("json", "text"))


def test_words_are_separated_by_commas() -> None:
    assert Environment({"ALLOWED_HOSTS": " a.example, b.example ,"}).words("ALLOWED_HOSTS") == [
        "a.example",
        "b.example",
    ]


def test_redis_url_wins_over_redis_host() -> None:
    given = {"REDIS_URL": "rediss://cache.example:6380/2", "REDIS_HOST": "other.example"}

    assert redis_url(Environment(given)) == "rediss://cache.example:6380/2"


def test_redis_host_has_the_seeds_defaults() -> None:
    assert redis_url(Environment({"REDIS_HOST": "cache"})) == "redis://cache:6379/1"
    assert redis_url(Environment({})) is None


def test_redis_host_and_its_companions_make_a_url() -> None:
    given = {"REDIS_HOST": "::1", "REDIS_PORT": "7000", "REDIS_PASSWORD": "p@ss/word", "REDIS_QUEUE_DB": "3"}

    assert redis_url(Environment(given)) == "redis://:p%40ss%2Fword@[::1]:7000/3"


@pytest.mark.parametrize(
    "given",
    ["http://cache.example", "cache.example:6379", "redis://", "redis://:hunter2@cache:port/0", "redis://[:hunter2@x"],
)
def test_a_wrong_url_is_refused_without_repeating_its_password(given: str) -> None:
    with pytest.raises(InvalidVariable, match="REDIS_URL") as refused:
        redis_url(Environment({"REDIS_URL": given}))

    assert "hunter2" not in str(refused.value)


def test_a_database_url_names_a_database() -> None:
    assert database_url(Environment({"DATABASE_URL": "postgres://db.example/clinic"})) == "postgres://db.example/clinic"
    with pytest.raises(InvalidVariable, match="DATABASE_URL must be a URL that ends in a database's name"):
        database_url(Environment({"DATABASE_URL": "postgresql://db.example/"}))
    with pytest.raises(InvalidVariable, match=r"DATABASE_URL must be a URL that starts with postgres://"):
        database_url(Environment({"DATABASE_URL": "mysql://db.example/clinic"}))

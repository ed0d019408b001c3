"""What is kept of an error: class and place, and a text that names nobody."""

import time

import psycopg
import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from hypothesis import given
from hypothesis import strategies as st

from queues.errors import PermanentJobError
from queues.logs import redact
from queues.logs.patterns import redact_foreign
from queues.logs.redact import CLASS_LIMIT, ERROR_LIMIT, redact_text, safe_error, safe_traceback
from queues.models import RecurringJob

CANARY_NAME, CANARY_PHONE, CANARY_MAIL = "Zebediah Quartzmann", "+49 170 5550123", "zeb.quartz@example.org"
CANARIES = ("Zebediah", "Quartzmann", "5550123", "zeb.quartz", "example.org")


def raised(error: BaseException) -> BaseException:
    try:
        raise error
    except BaseException as caught:  # noqa: BLE001  handed back
        return caught


@pytest.mark.parametrize(
    "phone",
    [
        "+49 170 5550123",
        "0170/5550123",
        "(030) 555-0123",
        "+1 (555) 010-0123",
        "555-010-0123",
        "00491705550123",
        "5550101234",
    ],
)
def test_telephone_numbers_are_taken_out(phone: str) -> None:
    assert redact_text(f"call {phone}.") == "call [phone]."


@pytest.mark.parametrize("mail", ["a@b.cd", "zeb.quartz+clinic@mail.example.org", "müller@bücher.example"])
def test_mail_addresses_are_taken_out(mail: str) -> None:
    assert redact_text(f"mail to <{mail}>, please") == "mail to <[email]>, please"


@pytest.mark.parametrize(
    "kept",
    [
        "job 0190d5a2-7b1c-7c3e-9f00-3d2a5b6c7d8e of patient:0190d5a2-7b1c-7c3e-9f00-123456789012",
        "at 2026-11-24 07:47:24.123456+00:00 and 2026-11-24T07:47:24Z",
        "127.0.0.1:5432 refused",
        "attempt 3 of 5, 120000 ms, 4 %",
        "HTTP 503, error 30008",
    ],
)
def test_ids_times_and_addresses_of_servers_stay(kept: str) -> None:
    assert redact_text(kept) == kept
    assert redact_foreign(kept) == kept


@pytest.mark.rule(30)
@pytest.mark.fault(28)
@pytest.mark.parametrize(
    "error",
    [
        ValueError(f"Patient {CANARY_NAME} has no number"),
        KeyError(CANARY_NAME),
        RuntimeError(f"could not reach {CANARY_PHONE} ({CANARY_MAIL})"),
        ValueError(f"invalid literal for int() with base 10: {CANARY_NAME!r}"),
        TypeError(f"Patient(name={CANARY_NAME}, phone={CANARY_PHONE})"),
        Exception(CANARY_NAME.upper(), CANARY_PHONE, {"mail": CANARY_MAIL}),
        UnicodeEncodeError("ascii", CANARY_NAME, 0, 1, "ordinal not in range"),
    ],
)
def test_no_canary_survives_in_text_or_stack(error: BaseException) -> None:
    # Given an error whose text names somebody, raised while another that does so was handled.
    try:
        try:
            raise LookupError(f"no such person: {CANARY_NAME}, {CANARY_MAIL}")
        except LookupError as cause:
            raise error from cause
    except BaseException as caught:  # noqa: BLE001
        name, text = safe_error(caught)
        stack = safe_traceback(caught)
    # Then what is kept tells the class and the place, and nobody.
    assert name == type(error).__name__
    assert "test_redact.py" in stack
    assert "in test_no_canary_survives_in_text_or_stack" in stack
    assert "LookupError" in stack
    assert "direct cause" in stack
    for canary in (*CANARIES, "ZEBEDIAH"):
        assert canary not in text
        assert canary not in stack


def test_plain_errors_stay_readable() -> None:
    for text in (
        "boom",
        "Connection refused",
        "division by zero",
        "Provider answered 503 Service Unavailable",
        "HTTP 429 Too Many Requests",
        "unsupported operand type(s) for +: 'int' and 'NoneType'",
        "Deadlock detected",
        "Patient 0190d5a2-7b1c-7c3e-9f00-3d2a5b6c7d8e has no consent",
    ):
        assert safe_error(RuntimeError(text)) == ("RuntimeError", text)


def test_texts_that_this_project_writes_lose_only_contacts() -> None:
    assert (
        safe_error(PermanentJobError("Appointment 7 was cancelled by Staff"))[1]
        == "Appointment 7 was cancelled by Staff"
    )
    assert safe_error(PermanentJobError(f"No contact {CANARY_MAIL}"))[1] == "No contact [email]"


def test_an_application_can_vouch_for_its_errors(monkeypatch: pytest.MonkeyPatch) -> None:
    class ProviderError(Exception):
        pass

    monkeypatch.setattr(redact, "_own", redact._own)
    assert "West" not in safe_error(ProviderError("Gateway West is down"))[1]
    redact.trust(ProviderError)
    assert safe_error(ProviderError("Gateway West is down"))[1] == "Gateway West is down"


@pytest.mark.rule(30)
@pytest.mark.django_db
def test_of_a_database_error_only_code_and_constraint_are_kept() -> None:
    # Given rows whose values end in PostgreSQL's error texts.
    RecurringJob.objects.create(queue="q", name=CANARY_NAME, cron="0 * * * *")
    with pytest.raises(IntegrityError) as clash, transaction.atomic():
        RecurringJob.objects.create(queue="q", name=CANARY_NAME, cron="0 * * * *")
    with pytest.raises(DatabaseError) as wrong, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT %s::int", [CANARY_NAME])
    assert CANARY_NAME in str(clash.value)
    # Then what is kept says what happened, not to whom.
    name, text = safe_error(clash.value)
    assert (name, text) == (
        "django.db.utils.IntegrityError",
        "SQLSTATE 23505, UniqueViolation, constraint recurringjob_name",
    )
    assert safe_error(wrong.value)[1] == "SQLSTATE 22P02, InvalidTextRepresentation"
    for canary in CANARIES:
        assert canary not in safe_traceback(clash.value) + safe_traceback(wrong.value)
    assert "withheld" in safe_error(psycopg.OperationalError(f"no route to {CANARY_NAME}"))[1]


def test_nul_and_lone_surrogates_are_replaced_and_length_is_bounded() -> None:
    # Given what PostgreSQL cannot store, and 50 MB of it.
    error = raised(ValueError("\x00\ud800boom " * 7_000_000))
    began = time.monotonic()
    name, text = safe_error(error)
    stack = safe_traceback(error, 500)
    # Then it is made storable, short, and fast.
    assert time.monotonic() - began < 0.5
    (text + stack).encode()
    assert "\x00" not in text + stack
    assert len(text) <= ERROR_LIMIT
    assert len(stack) == 500
    assert len(name) <= CLASS_LIMIT


def test_an_error_that_cannot_be_printed_is_still_an_error() -> None:
    class Broken(Exception):
        def __str__(self) -> str:
            raise RuntimeError("no")

    name, text = safe_error(Broken(1, 2))
    assert name.endswith("Broken")
    assert text == ""


def test_a_deep_stack_and_an_endless_chain_are_cut() -> None:
    def deeper(levels: int) -> None:
        if levels == 0:
            raise RecursionError("deep")
        deeper(levels - 1)

    with pytest.raises(RecursionError) as deep:
        deeper(500)
    assert "frames left out" in safe_traceback(deep.value, 100_000)
    first, second = ValueError("one"), ValueError("two")
    first.__cause__, second.__cause__ = second, first
    assert safe_traceback(first).count("direct cause") == 1


@given(st.text(max_size=300))
def test_any_text_comes_out_storable(text: str) -> None:
    name, kept = safe_error(ValueError(text))
    (name + kept + redact_text(text)).encode()
    assert "\x00" not in kept + redact_text(text)


@pytest.mark.parametrize("part", ["(", "1 ", "a@", '"', "+", "a.b-", "'\\", "\\", "a='"])
def test_no_text_takes_long(part: str) -> None:
    text = (part * 4000)[:4000]
    began = time.monotonic()
    redact_foreign(text)
    redact_text(text)
    assert time.monotonic() - began < 0.1

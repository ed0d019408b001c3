"""What may be kept of an error: its class, where it happened, and a text that names nobody."""

from collections.abc import Iterator
from itertools import islice
from types import FrameType, TracebackType

from queues.errors import QueueError
from queues.logs.patterns import clean, redact_contacts, redact_foreign

#: Longest text that is kept of an error, characters.
ERROR_LIMIT = 2_000
#: Longest stack trace that is kept, characters.
TRACEBACK_LIMIT = 20_000
#: Longest class name that is kept, characters.
CLASS_LIMIT = 200
#: Innermost and outermost frames of one stack that are kept, frames.
FRAMES = 40
#: Errors followed along ``__cause__`` and ``__context__``, errors.
CHAIN = 8

#: Errors whose texts come from the operating system or this project, and so quote nobody.
_own: tuple[type[BaseException], ...] = (QueueError, ConnectionError, TimeoutError, MemoryError, RecursionError)


def trust(*errors: type[BaseException]) -> None:
    """Keep the texts of these errors and their subclasses, but for contacts: their author vouches for them."""
    global _own  # noqa: PLW0603  filled while applications load
    _own = tuple(dict.fromkeys((*_own, *errors)))


def redact_text(text: str) -> str:
    """``text`` without e-mail addresses, telephone numbers and what cannot be stored. For texts that we wrote."""
    return redact_contacts(clean(text))


def safe_error(exc: BaseException) -> tuple[str, str]:
    """Class and text of an error, fit to be stored and shown: at most 200 and 2,000 characters.

    An error of a database keeps only its code and the constraint's name, since its text holds the row's values. Texts
    of errors that this project does not write lose what looks like a name.
    """
    return class_name(exc), _text(exc)


def class_name(exc: BaseException) -> str:
    """The class of an error, with its module unless it is built in."""
    kind = type(exc)
    name = kind.__qualname__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__qualname__}"
    return clean(name[:CLASS_LIMIT])


def safe_traceback(exc: BaseException, limit_chars: int = TRACEBACK_LIMIT) -> str:
    """The stack of an error and of what led to it, outermost cause first: files, lines and functions, no values."""
    parts = []
    for error, link in reversed(list(_chain(exc))):
        lines = [f"  {frame}" for frame in _frames(error.__traceback__)]
        name, text = safe_error(error)
        parts.append("\n".join(["Traceback (most recent call last):", *lines, f"{name}: {text}" if text else name]))
        if link:
            parts.append(link)
    whole = clean("\n\n".join(parts))
    return whole if len(whole) <= limit_chars else "…" + whole[1 - limit_chars :]


def _text(exc: BaseException) -> str:
    database = _database_error(exc)
    if database is not None:
        return database
    raw = clean(_raw_text(exc)[: ERROR_LIMIT * 2])
    own = isinstance(exc, _own)
    return (redact_contacts(raw) if own else redact_foreign(raw))[:ERROR_LIMIT]


def _raw_text(exc: BaseException) -> str:
    """``str(exc)``, without building a text of unbounded length where that can be avoided, and whatever it raises."""
    args = exc.args
    if type(exc).__str__ is BaseException.__str__ and len(args) == 1 and isinstance(args[0], str):
        return args[0]
    try:
        return str(exc)
    except Exception:  # noqa: BLE001  a broken __str__ must not hide the failure that it describes
        return ""


def _database_error(exc: BaseException) -> str | None:
    """What may be said of an error of the database, or None if it is none."""
    from django.db.utils import Error as DjangoError  # noqa: PLC0415  the broker is imported before Django's database
    from psycopg import Error as PsycopgError  # noqa: PLC0415

    if not isinstance(exc, DjangoError | PsycopgError):
        return None
    cause = exc if isinstance(exc, PsycopgError) else exc.__cause__
    if not isinstance(cause, PsycopgError) or cause.sqlstate is None:
        return "the database could not be reached or refused (text withheld)"
    what = [f"SQLSTATE {cause.sqlstate}", type(cause).__name__]
    if cause.diag.constraint_name:
        what.append(f"constraint {cause.diag.constraint_name}")
    elif cause.diag.table_name:
        what.append(f"table {cause.diag.table_name}")
    return ", ".join(what)


def _chain(exc: BaseException) -> Iterator[tuple[BaseException, str]]:
    """The error and those that led to it, newest first, each with the words that stand below it in a trace."""
    seen: set[int] = set()
    error: BaseException | None = exc
    link = ""
    while error is not None and id(error) not in seen and len(seen) < CHAIN:
        seen.add(id(error))
        yield error, link
        if error.__cause__ is not None:
            error, link = error.__cause__, "The above exception was the direct cause of the following exception:"
        elif error.__context__ is not None and not error.__suppress_context__:
            error, link = error.__context__, "During handling of the above exception, another exception occurred:"
        else:
            error = None


def _frames(traceback: TracebackType | None) -> list[str]:
    """One line a frame, ``File "…", line …, in …``; the middle of a very deep stack is left out."""
    found: list[tuple[FrameType, int]] = []
    while traceback is not None:
        found.append((traceback.tb_frame, traceback.tb_lineno))
        traceback = traceback.tb_next
    kept = found if len(found) <= 2 * FRAMES else [*found[:FRAMES], *islice(found, len(found) - FRAMES, None)]
    lines = [f'File "{f.f_code.co_filename}", line {line}, in {f.f_code.co_name}' for f, line in kept]
    if len(kept) < len(found):
        lines.insert(FRAMES, f"[{len(found) - len(kept)} frames left out]")
    return lines

"""Steps that every line goes through between the code that logs it and the renderer."""

import logging
import re
import sys
from collections.abc import MutableMapping
from itertools import islice
from typing import Any

from queues.logs import context
from queues.logs.patterns import clean, redact_foreign
from queues.logs.redact import class_name, redact_text, safe_error, safe_traceback

EventDict = MutableMapping[str, Any]

#: What would break a line, or reorder it for its reader: controls, line separators, marks of writing direction.
_BREAKS = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]")
_SHORT = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}
#: Fields whose values we made ourselves.
_TRUSTED = frozenset({"timestamp", "level", "logger", "queue", "job", "attempt", "tenant", "error_class"})
#: Longest value of a field, characters.
_VALUE_LIMIT = 20_000
#: Most items of a list that are shown.
_ITEMS_LIMIT = 100


class SafeArguments(logging.Filter):
    """Takes arguments and exceptions out of other libraries' records before their text is made.

    Dramatiq names a message by its actor and all its arguments, and prints exceptions; of a message its actor and id
    are kept, of an exception its class and safe text.
    """

    def filter(self, record: logging.LogRecord) -> bool:
        """Always keep the record, made safe."""
        args = record.args
        if isinstance(args, tuple):
            record.args = tuple(_safe_argument(arg) for arg in args)
        elif isinstance(args, dict):
            record.args = {key: _safe_argument(value) for key, value in args.items()}
        if record.name == "django.server" or record.name.startswith("django.request"):
            record.msg, record.args = _without_query(record.getMessage()), ()
        elif record.name.startswith("dramatiq"):
            record.msg, record.args = redact_text(record.getMessage()), ()
        return True


def _safe_argument(value: object) -> object:
    if isinstance(value, BaseException):
        return ": ".join(part for part in safe_error(value) if part)
    message_id, actor = getattr(value, "message_id", None), getattr(value, "actor_name", None)
    if message_id is not None and actor is not None:
        return f"{actor} {message_id}"
    return value


def _without_query(text: str) -> str:
    """A request's line without its query, which may hold what somebody searched for."""
    return re.sub(r"\?[^\s\"']*", "?…", text)


def add_job(_logger: Any, _method: str, event: EventDict) -> EventDict:
    """Add the job that the thread works on, unless the line names one itself."""
    for key, value in context.fields().items():
        event.setdefault(key, value)
    return event


def add_fields(_logger: Any, _method: str, event: EventDict) -> EventDict:
    """Add the fields that `queues.logs.jobs` put on the record."""
    record = event.get("_record")
    fields = getattr(record, "fields", None)
    if isinstance(fields, dict):
        event.update(fields)
    return event


def add_exception(_logger: Any, _method: str, event: EventDict) -> EventDict:
    """Replace ``exc_info`` by the error's class, safe text and stack."""
    info = event.pop("exc_info", None)
    error = info[1] if isinstance(info, tuple) else info
    if info is True:
        error = sys.exc_info()[1]
    if isinstance(error, BaseException):
        event["error_class"], event["error"] = class_name(error), safe_error(error)[1]
        event["traceback"] = safe_traceback(error)
    return event


def redact(_logger: Any, _method: str, event: EventDict) -> EventDict:
    """Take contacts out of every value that we did not make; objects lose what looks like a name too."""
    for key, value in event.items():
        if key in _TRUSTED or key.startswith("_") or value is None or isinstance(value, bool | int | float):
            continue
        event[key] = _redacted(value)
    return event


def _redacted(value: object) -> object:
    """The value as it may be shown: a text or a list of texts without contacts, an error's class and safe text."""
    if isinstance(value, str):
        return redact_text(value[:_VALUE_LIMIT])
    if isinstance(value, BaseException):
        return ": ".join(part for part in safe_error(value) if part)
    if isinstance(value, list | tuple | set | frozenset) and all(isinstance(item, str | int) for item in value):
        return [redact_text(item) if isinstance(item, str) else item for item in islice(value, _ITEMS_LIMIT)]
    return redact_foreign(clean(repr(value)[:_VALUE_LIMIT]))


def _escaped(match: re.Match[str]) -> str:
    character = match.group()
    return _SHORT.get(character) or f"\\u{ord(character):04x}"


def one_line(_logger: Any, _method: str, event: EventDict) -> EventDict:
    """Escape whatever would make a second line, or turn the line around. JSON does so by itself."""
    for key, value in event.items():
        text = ", ".join(map(str, value)) if isinstance(value, list) else value
        if isinstance(text, str) and not key.startswith("_"):
            event[key] = _BREAKS.sub(_escaped, text)
    return event

"""What may be stored as a job's data: JSON that PostgreSQL, Python and JavaScript all read alike."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator
from typing import Any

from django.conf import settings
from pydantic import BaseModel, ValidationError

from queues.config import QueueConfig
from queues.errors import InvalidJobData

#: Deepest nesting accepted.
MAX_DEPTH = 32
_INT64 = 2**63
_TEXT_LIMIT = 200
#: In ASCII JSON: a NUL, half of a surrogate pair, or a number that may not fit 64 bits.
_ODD = re.compile(r"\\u0000|\\ud[89a-f]|\d{19}", re.IGNORECASE)


def check_text(field: str, text: str) -> str:
    """``text``, or :class:`InvalidJobData` naming the field if PostgreSQL could not store it."""
    if "\x00" in text:
        raise InvalidJobData({field: "must not contain the NUL character."})
    try:
        text.encode()
    except UnicodeEncodeError:
        raise InvalidJobData({field: "contains a lone surrogate, which is not valid Unicode text."}) from None
    return text


def check_reference(field: str, text: str) -> str:
    """``text`` as a tenant or subject: short, printable, and not ``*``, which stands for all tenants."""
    if len(text) > _TEXT_LIMIT or text == "*" or not text.isprintable():
        raise InvalidJobData({field: f"must be at most {_TEXT_LIMIT} printable characters, and not '*'."})
    return check_text(field, text)


def check_subjects(subjects: tuple[str, ...]) -> tuple[str, ...]:
    """``subjects``, each a reference."""
    return tuple(check_reference("subject", subject) for subject in subjects)


def _check(value: Any, path: str) -> None:
    """Look at every value, without recursion: nesting is somebody else's choice."""
    stack: list[tuple[Any, str, int]] = [(value, path, 0)]
    while stack:
        item, where, depth = stack.pop()
        if isinstance(item, dict | list | tuple):
            if depth >= MAX_DEPTH:
                raise InvalidJobData({where[:_TEXT_LIMIT]: f"is nested deeper than {MAX_DEPTH} levels."})
            stack.extend((inner, name, depth + 1) for name, inner in _inner(item, where))
        else:
            _check_leaf(item, where)


def _inner(item: dict[Any, Any] | list[Any] | tuple[Any, ...], where: str) -> Iterator[tuple[str, Any]]:
    if not isinstance(item, dict):
        yield from ((f"{where}[{index}]", inner) for index, inner in enumerate(item))
        return
    for key, inner in item.items():
        if not isinstance(key, str):
            raise InvalidJobData({where: "keys must be text."})
        check_text(where, key)
        yield f"{where}.{key[:40]}", inner


def _check_leaf(item: Any, where: str) -> None:
    match item:
        case None | bool():
            return
        case str():
            check_text(where, item)
        case int():
            if not -_INT64 <= item < _INT64:
                raise InvalidJobData({where: "must fit a signed 64-bit integer."})
        case float():
            if not math.isfinite(item):
                raise InvalidJobData({where: "must be a finite number."})
        case _:
            raise InvalidJobData({where: f"a {type(item).__name__} cannot be stored as JSON; pass its id."})


def to_json(value: Any, field: str = "data") -> str:
    """``value`` as JSON text; :class:`InvalidJobData` names what cannot be stored, or that it is too large."""
    try:
        text = json.dumps(value, separators=(",", ":"), allow_nan=False)
    except (TypeError, ValueError, RecursionError):
        text = ""
    if not text or not _is_plain(value, text):
        _check(value, field)
    limit = settings.QUEUES.max_data_bytes
    if len(text) > limit:
        size = len(json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode())
        if size > limit:
            raise InvalidJobData({field: f"is {size:,} bytes; at most {limit:,}. Store it in a table and pass its id."})
    return text


def _is_plain(value: Any, text: str) -> bool:
    """Whether the JSON text alone shows that it needs no closer look: one level, no odd character or number."""
    return (
        isinstance(value, dict)
        and text.count("{") == 1
        and text.count("[") < MAX_DEPTH
        and all(type(key) is str for key in value)
        and not _ODD.search(text)
    )


def validate(config: QueueConfig, data: Any) -> tuple[str, BaseModel | None]:
    """The data as JSON text and as the queue's model; :class:`InvalidJobData` field by field."""
    if not isinstance(data, dict):
        raise InvalidJobData({"data": f"must be an object, not {type(data).__name__}."})
    if config.schema is None:
        return to_json(data), None
    text = to_json(data)
    try:
        model = config.schema.model_validate_json(text)
    except ValidationError as error:
        raise InvalidJobData(
            {".".join(str(part) for part in item["loc"]) or "data": item["msg"] for item in error.errors()}
        ) from None
    return model.model_dump_json(by_alias=True, exclude_unset=True), model

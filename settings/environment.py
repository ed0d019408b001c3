"""The one module that reads environment variables: typed, and every refusal names the variable."""

import os
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import quote, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

_TRUE = ("1", "true", "yes", "on")
_FALSE = ("0", "false", "no", "off")


class InvalidVariable(ImproperlyConfigured):
    """An environment variable is missing or has a value that it must not have."""

    def __init__(self, name: str, given: str | None, allowed: str) -> None:
        """Say which variable, what it holds, and what it may hold."""
        found = "it is not set" if given is None else f"it is {given!r}"
        super().__init__(f"Environment variable {name} must be {allowed}; {found}.")
        self.name = name


class Environment:
    """Typed access to a mapping of variables. An empty value counts as not set."""

    def __init__(self, variables: Mapping[str, str]) -> None:
        """Read from `variables`; in production that is `os.environ`."""
        self._variables = variables

    def get(self, name: str) -> str | None:
        """Return the text of a variable, or None when it is missing or empty."""
        return self._variables.get(name, "").strip() or None

    def text(self, name: str, default: str | None = None, *, allowed: str = "a text that is not empty") -> str:
        """Return a text; without a default the variable is required."""
        value = self.get(name)
        if value is not None:
            return value
        if default is None:
            raise InvalidVariable(name, None, allowed)
        return default

    def integer(self, name: str, default: int, *, least: int = 0, most: int = 2**31 - 1) -> int:
        """Return a whole number between `least` and `most`."""
        value = self.get(name)
        if value is None:
            return default
        try:
            number = int(value, 10)
        except ValueError:
            number = least - 1
        if not least <= number <= most:
            raise InvalidVariable(name, value, f"a whole number from {least} to {most}")
        return number

    def number(self, name: str, default: float, *, least: float = 0.0, most: float = 1e9) -> float:
        """Return a number between `least` and `most`."""
        value = self.get(name)
        if value is None:
            return default
        try:
            number = float(value)
        except ValueError:
            number = least - 1
        if not least <= number <= most:
            raise InvalidVariable(name, value, f"a number from {least:g} to {most:g}")
        return number

    def boolean(self, name: str, *, default: bool) -> bool:
        """Return a truth value, spelt 1, true, yes, on or 0, false, no, off."""
        value = self.get(name)
        if value is None:
            return default
        if value.lower() in _TRUE:
            return True
        if value.lower() in _FALSE:
            return False
        raise InvalidVariable(name, value, f"one of {', '.join((*_TRUE, *_FALSE))}")

    def choice(self, name: str, default: str, choices: tuple[str, ...]) -> str:
        """Return one of some words."""
        value = self.get(name)
        if value is None:
            return default
        if value not in choices:
            raise InvalidVariable(name, value, f"one of {', '.join(choices)}")
        return value

    def words(self, name: str, default: tuple[str, ...] = ()) -> list[str]:
        """Return a list of texts, given with commas between them."""
        value = self.get(name)
        if value is None:
            return list(default)
        return [word for word in (part.strip() for part in value.split(",")) if word]

    def folder(self, name: str, default: Path) -> Path:
        """Return the absolute path of a folder, which need not exist yet."""
        value = self.get(name)
        return default if value is None else Path(value).expanduser().resolve()

    def url(self, name: str, schemes: tuple[str, ...]) -> str | None:
        """Return a URL with one of the schemes, or None; the refusal never repeats its password."""
        value = self.get(name)
        if value is None:
            return None
        allowed = f"a URL that starts with {' or '.join(f'{scheme}://' for scheme in schemes)} and names a host"
        try:
            parts = urlsplit(value)
            _ = parts.port
        except ValueError:
            raise InvalidVariable(name, "not a URL", allowed) from None
        if parts.scheme not in schemes or not (parts.hostname or parts.scheme == "unix"):
            raise InvalidVariable(name, f"{parts.scheme}://…" if parts.scheme else "without a scheme", allowed)
        return value


env = Environment(os.environ)


def database_url(source: Environment = env) -> str | None:
    """Return DATABASE_URL, or None when no PostgreSQL is configured."""
    value = source.url("DATABASE_URL", ("postgres", "postgresql"))
    if value is not None and not unquote(urlsplit(value).path).strip("/"):
        raise InvalidVariable("DATABASE_URL", "without a database", "a URL that ends in a database's name")
    return value


def redis_url(source: Environment = env) -> str | None:
    """Return the URL of Redis: REDIS_URL, else the one that REDIS_HOST and its companions make, else None."""
    port = source.integer("REDIS_PORT", 6379, least=1, most=65535)
    database = source.integer("REDIS_QUEUE_DB", 1, most=1023)
    value = source.url("REDIS_URL", ("redis", "rediss", "unix"))
    if value is not None:
        return value
    host = source.get("REDIS_HOST")
    if host is None:
        return None
    password = source.get("REDIS_PASSWORD")
    login = f":{quote(password, safe='')}@" if password else ""
    shown = f"[{host}]" if ":" in host else host
    return f"redis://{login}{shown}:{port}/{database}"

"""Reads a page as a browser would: its links, its forms and what stands in them."""

from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import NoReturn
from urllib.parse import urljoin, urlsplit


@dataclass(slots=True)
class Form:
    """A form: where it goes, and its fields with their values."""

    action: str
    method: str
    fields: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Page:
    """An answer of the web server."""

    status: int
    url: str
    text: str
    links: list[str]
    forms: list[Form]

    def link(self, path: str) -> str:
        """Return the first link to this path. Raises LookupError."""
        return next(iter(link for link in self.links if urlsplit(link).path == path), "") or self._missing("link", path)

    def form(self, path: str) -> Form:
        """Return the form that posts to this path. Raises LookupError."""
        for form in self.forms:
            if form.method == "post" and urlsplit(urljoin(self.url, form.action)).path == path:
                return form
        return self._missing("form", path)

    def _missing(self, kind: str, path: str) -> NoReturn:
        raise LookupError(f"{self.url} ({self.status}) has no {kind} to {path}")


def read(status: int, url: str, text: str) -> Page:
    """Return the page."""
    reader = _Reader()
    reader.feed(text)
    return Page(status, url, text, reader.links, reader.forms)


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.links: list[str] = []
        self.forms: list[Form] = []
        self._inside = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        match tag:
            case "a" if "href" in given:
                self.links.append(given["href"])
            case "form":
                self.forms.append(Form(given.get("action", ""), given.get("method", "get").lower()))
                self._inside = True
            case "input" if self._inside and "name" in given:
                self._field(given)

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._inside = False

    def _field(self, given: dict[str, str]) -> None:
        ticked = given.get("type") not in ("checkbox", "radio") or "checked" in given
        if ticked and given.get("type") != "submit":
            self.forms[-1].fields[given["name"]] = given.get("value", "")

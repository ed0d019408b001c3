"""What is broken, where, and which tests must notice."""

from __future__ import annotations

import importlib
import pkgutil
from dataclasses import dataclass
from pathlib import Path

import tests.sabotage


class DoesNotApply(Exception):
    """The code has moved on: the text that a patch replaces is not there, or more than once."""


@dataclass(frozen=True, slots=True)
class Patch:
    """One line of the engine, said wrongly. Every table `rules_*.py` beside this file has a list `PATCHES` of them."""

    rule: int
    #: A few words: what the engine then does.
    name: str
    #: File, from the checkout's root.
    file: str
    old: str
    new: str
    #: Tests (files or node ids, from the checkout's root) of which at least one must fail.
    tests: tuple[str, ...]
    #: Whether it changes the tables, so that the test database must be made anew.
    new_database: bool = False

    def apply(self, root: Path) -> str:
        """Change the file below ``root``; returns its former text."""
        path = root / self.file
        text = path.read_text()
        if text.count(self.old) != 1:
            raise DoesNotApply(f"{self.file} has {text.count(self.old)} times: {self.old}")
        path.write_text(text.replace(self.old, self.new))
        return text


def all_patches() -> list[Patch]:
    """Every patch of every table, by rule."""
    found: list[Patch] = []
    for module in pkgutil.iter_modules(tests.sabotage.__path__):
        if module.name.startswith("rules_"):
            found += importlib.import_module(f"tests.sabotage.{module.name}").PATCHES
    return sorted(found, key=lambda patch: patch.rule)

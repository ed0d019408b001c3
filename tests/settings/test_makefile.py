"""`make` says what there is, and every target of it does something."""

import re
import subprocess
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parent.parent.parent
PROMISED = {"help", "setup", "demo", "test", "check", "smoke", "bench", "sabotage", "clean"}


def _make(*arguments: str) -> str:
    done = subprocess.run(["make", *arguments], cwd=CHECKOUT, capture_output=True, text=True, check=True)
    return done.stdout


def test_make_alone_lists_every_target_with_what_it_does() -> None:
    listed = dict(re.findall(r"^  make (\S+) +(\S.*)$", _make(), re.MULTILINE))

    assert listed.keys() >= PROMISED
    assert _make("help") == _make()


def test_every_phony_target_is_listed() -> None:
    text = (CHECKOUT / "Makefile").read_text()
    phony = re.search(r"^\.PHONY: (.+)$", text, re.MULTILINE)

    assert phony is not None
    assert set(phony.group(1).split()) == set(re.findall(r"^  make (\S+)", _make(), re.MULTILINE))


def test_check_runs_every_tool() -> None:
    commands = _make("--dry-run", "check")

    for tool in ("ruff check", "ruff format --check", "mypy", "lint-imports", "makemigrations --check", "structure"):
        assert tool in commands


def test_every_requirement_is_pinned_and_says_what_it_is_for() -> None:
    for name in ("requirements.txt", "requirements-dev.txt"):
        lines = (CHECKOUT / name).read_text().splitlines()
        explained = False
        for line in filter(None, lines):
            if line.startswith("#"):
                explained = True
            elif not line.startswith("-r"):
                assert re.fullmatch(r"[\w.-]+(\[[\w,-]+\])?==[\w.]+", line), line
                assert explained, f"{line}: nothing says what it is for"

"""The documents name operations, variables and queues that there are."""

import re
from pathlib import Path

from django.core.management import get_commands, load_command_class

from engagement.queues import DEFAULTS
from queues import service
from queues.errors import QueueError

CHECKOUT = Path(__file__).resolve().parent.parent.parent
TEXTS = {path.name: path.read_text() for path in [*CHECKOUT.glob("*.md"), *CHECKOUT.glob("docs/*.md")]}


def test_operations_are_at_the_public_door() -> None:
    named = {name for text in TEXTS.values() for name in re.findall(r"\bservice\.([a-z]\w+)", text)}
    table = TEXTS["seed.md"].partition("## Operations")[2].partition("\n## ")[0]
    in_table = {name for row in re.findall(r"^\|[^|]*\|([^|]*)\|", table, re.MULTILINE) for name in _operations(row)}

    assert len(in_table) > 20
    assert named | in_table <= set(service.__all__)


def _operations(cell: str) -> list[str]:
    return re.findall(r"`([a-z]+_[a-z_]+)(?:\([^()]*\))?`", cell)


def test_variables_are_documented_settings() -> None:
    known = set(re.findall(r"^\| `([A-Z_]+)` \|", TEXTS["settings.md"], re.MULTILINE))
    named = {name for text in TEXTS.values() for name in re.findall(r"`((?:QUEUE|REDIS|DATABASE)_[A-Z_]+)`", text)}

    assert named <= known


def test_the_queues_are_told_as_they_are_declared() -> None:
    rows = re.findall(r"^\| `([a-z-]+)` \| (\d) \| (\d) s \| ([A-Z]+) \|([^|]*)\|", TEXTS["seed.md"], re.MULTILINE)
    told = {
        name: (int(attempts), int(wait), priority, bool(again.strip()))
        for name, attempts, wait, priority, again in rows
    }

    assert told == {
        config.name: (
            config.attempts,
            config.backoff.delay_ms // 1000,
            config.priority.name,
            config.schedule is not None,
        )
        for config in DEFAULTS
    }


def test_errors_are_ones_that_there_are() -> None:
    known = {error.__name__ for error in _tree(QueueError)}
    raised = {name for text in TEXTS.values() for name in re.findall(r"raise(?:s)? `?([A-Z]\w+)", text)}

    assert raised - {"ConnectionError", "Django"} <= known


def _tree(root: type[QueueError]) -> list[type[QueueError]]:
    return [root, *(error for child in root.__subclasses__() for error in _tree(child))]


def test_commands_are_ones_that_there_are() -> None:
    named = {
        (name, rest) for text in TEXTS.values() for name, rest in re.findall(r"manage\.py ([a-z]+)([^`\n]*)", text)
    }

    assert {name for name, _ in named} <= {*get_commands(), "demo", "smoke"}
    for name, rest in named:
        if name in ("rundramatiq", "runscheduler"):
            known = load_command_class(get_commands()[name], name).create_parser("manage.py", name).format_help()
            assert [option for option in re.findall(r"--[a-z-]+", rest) if option not in known] == []

"""docs/protocol.md has an entry for every rule, with the code that keeps it and a test that carries its number."""

import re
from pathlib import Path

import pytest

from tests.structure.marks import RULES, marked

CHECKOUT = Path(__file__).resolve().parent.parent.parent
TEXT = (CHECKOUT / "docs" / "protocol.md").read_text()
ENTRIES = {
    int(number): entry
    for number, entry in re.findall(r"^### (\d+)\. (.+?)(?=^#{2,3} |\Z)", TEXT, re.MULTILINE | re.DOTALL)
}
CARRIERS = marked(CHECKOUT / "tests", "rule")


def _linked(entry: str) -> list[str]:
    return re.findall(r"\]\(\.\./([^)]+)\)", entry)


def test_every_rule_has_its_entry_in_its_place() -> None:
    assert list(ENTRIES) == list(RULES)


@pytest.mark.parametrize("number", RULES)
def test_an_entry_says_what_it_prevents_and_leads_to_code_and_test(number: int) -> None:
    entry = ENTRIES[number]
    tests = [path.removeprefix("tests/") for path in _linked(entry) if path.startswith("tests/")]
    code = [path for path in _linked(entry) if not path.startswith("tests/")]

    assert "\n*Prevents:* " in entry
    assert code
    assert all((CHECKOUT / path).is_file() for path in code)
    # Every test that is linked carries the rule's number.
    assert tests
    assert set(tests) <= {name.partition("::")[0] for name in CARRIERS.get(number, [])}

"""docs/settings.md tells every variable that the settings read, and none that they do not."""

import re
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parent.parent.parent
READ = re.compile(r"(?:get|text|integer|number|boolean|words|choice|folder|url|period)\(\s*\"([A-Z][A-Z_]+)\"")


def test_every_variable_that_is_read_is_documented_and_the_other_way_round() -> None:
    read = {name for path in (CHECKOUT / "settings").glob("*.py") for name in READ.findall(path.read_text())}
    rows = re.findall(r"^\| `([A-Z_]+)` \|", (CHECKOUT / "docs" / "settings.md").read_text(), re.MULTILINE)

    assert len(rows) == len(set(rows))
    assert set(rows) == read

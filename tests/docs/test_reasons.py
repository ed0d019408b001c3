"""docs/reminders.md tells every reason that the clinic knows, the gates in their order."""

import re
from pathlib import Path

from engagement.reasons import FailureReason, SkipReason

TEXT = (Path(__file__).resolve().parent.parent.parent / "docs" / "reminders.md").read_text()


def test_every_reason_is_told() -> None:
    told = re.findall(r"^\| `([a-z-]+)` \|", TEXT, re.MULTILINE)

    skips, failures = told[: len(SkipReason)], told[len(SkipReason) :]
    assert skips == list(SkipReason)
    assert sorted(failures) == sorted(FailureReason)

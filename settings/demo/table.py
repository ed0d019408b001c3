"""What was seen, as a table."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at."""

    what: str
    expected: str
    seen: str
    ok: bool

    @classmethod
    def same(cls, what: str, expected: object, seen: object) -> "Check":
        """A check that wants exactly this."""
        return cls(what, str(expected), str(seen), expected == seen)


def table(checks: Sequence[Check]) -> str:
    """Return the checks in columns, with a last line that counts them."""
    rows = [("check", "expected", "seen", "ok")]
    rows += [(check.what, check.expected, check.seen, "ok" if check.ok else "FAILED") for check in checks]
    widths = [max(len(row[column]) for row in rows) for column in range(4)]
    lines = ["  ".join(f"{cell:<{width}}" for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    lines.insert(1, "  ".join("-" * width for width in widths))
    failed = sum(not check.ok for check in checks)
    lines.append(f"{len(checks)} checks, {failed} failed" if failed else f"{len(checks)} checks, all as expected")
    return "\n".join(lines)

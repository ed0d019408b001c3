"""Words for people: waits, ages, texts of unknown origin."""

import unicodedata
from datetime import datetime, timedelta

_STEPS = ((86_400, "d"), (3600, "h"), (60, "min"))
#: Categories that move other text about or show nothing: controls, format characters, surrogates, separators.
_HIDDEN = {"Cc", "Cf", "Cs", "Zl", "Zp"}


def duration(length: timedelta) -> str:
    """``820 ms``, ``4.2 s``, ``3 min 5 s``, ``2 h 10 min``, ``9 d 4 h``: two units at the most."""
    seconds = length.total_seconds()
    if seconds < 1:
        return f"{round(seconds * 1000)} ms"
    if seconds < 60:  # noqa: PLR2004  a minute
        return f"{seconds:.1f} s".replace(".0 s", " s")
    units = (*_STEPS, (1, "s"))
    for index, (size, name) in enumerate(_STEPS):
        if seconds >= size:
            whole, rest = divmod(int(seconds), size)
            smaller, smaller_name = units[index + 1]
            return f"{whole} {name} {rest // smaller} {smaller_name}" if rest // smaller else f"{whole} {name}"
    raise AssertionError(seconds)


def relative(moment: datetime, now: datetime) -> str:
    """``just now``, ``34 s ago``, ``19 min ago``, ``in 2 h 10 min``: no seconds beside minutes."""
    distance = moment - now
    seconds = int(abs(distance).total_seconds())
    if seconds < 1:
        return "just now"
    words = duration(timedelta(seconds=seconds if seconds < 60 else seconds // 60 * 60))  # noqa: PLR2004  a minute
    return f"in {words}" if distance > timedelta() else f"{words} ago"


def without_controls(text: str) -> str:
    """The text with every character that is not seen, or turns the direction of what is, shown as its code."""
    return "".join(f"⟨{ord(sign):04X}⟩" if unicodedata.category(sign) in _HIDDEN else sign for sign in text)


def block(text: str) -> str:
    """As :func:`without_controls`, with lines and tabs kept: for a stack trace or a log."""
    return "\n".join(without_controls(line.replace("\t", "    ")) for line in text.replace("\r\n", "\n").split("\n"))

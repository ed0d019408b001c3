"""docs/operating.md and docs/processes.md name the sentences, log lines and checks that there are."""

import re
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parent.parent.parent
OPERATING = (CHECKOUT / "docs" / "operating.md").read_text()
PROCESSES = (CHECKOUT / "docs" / "processes.md").read_text()
CODE = {path: path.read_text() for path in (CHECKOUT / "queues").rglob("*.py")}


def test_every_sentence_of_health_is_told() -> None:
    table = OPERATING.partition("| Sentence begins |")[2].partition("\n\n")[0]
    told = [re.sub(r"\b[NM]\b|…", "", begin).strip() for begin in re.findall(r"^\| \*(.+?)\* \|", table, re.MULTILINE)]
    health = CODE[CHECKOUT / "queues" / "inspection" / "health.py"]
    said = health[health.index("def _flow") : health.index("def _span")]

    assert said.count("yield ") == len(told)
    words = re.sub(r"\{[^{}]*\}|f?\"", " ", said)
    assert [begin for begin in told if " ".join(begin.split()[-3:]) not in " ".join(words.split())] == []


def test_every_log_line_that_is_told_is_written() -> None:
    table = OPERATING.partition("| Line |")[2]
    told = {name for cell in re.findall(r"^\| (`.+?) \|", table, re.MULTILINE) for name in re.findall(r"`(\w+)`", cell)}

    assert len(told) > 15
    assert {name for name in told if not any(f'"{name}"' in text for text in CODE.values())} == set()


def test_every_check_is_told() -> None:
    made = {name for text in CODE.values() for name in re.findall(r"\"queues\.([EW]\d{3})\"", text)}

    assert set(re.findall(r"\b([EW]\d{3})\b", PROCESSES)) == made

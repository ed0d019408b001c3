"""docs/life-of-a-job.md tells the transitions, columns and keys that there are, and no others."""

import re
from pathlib import Path

from queues.models import Job
from queues.states import TRANSITIONS, JobState

CHECKOUT = Path(__file__).resolve().parent.parent.parent
TEXT = (CHECKOUT / "docs" / "life-of-a-job.md").read_text()


def test_the_table_of_verbs_is_that_of_the_code() -> None:
    table = TEXT.partition("| Verb |")[2].partition("## ")[0]
    rows = re.findall(r"^\| `(\w+)` \| (.+?) \| (.+?) \|", table, re.MULTILINE)
    told = {verb: (_states(begins), _states(ends)) for verb, begins, ends in rows}

    assert told == TRANSITIONS


def test_the_diagram_shows_every_pair_of_states_that_a_verb_makes_and_no_other() -> None:
    drawn = {(begin, end) for begin, end in re.findall(r"^    (\w+) --> (\w+)", TEXT, re.MULTILINE)}

    made = {(str(begin), str(end)) for begins, ends in TRANSITIONS.values() for begin in begins for end in ends}
    # A job that is given another time keeps its state, or waits for it as delayed.
    made -= {(str(state), str(state)) for state in JobState} | {("waiting", "delayed")}
    assert drawn == made


def test_every_column_of_a_job_is_told() -> None:
    table = TEXT.partition("### Job\n")[2].partition("### ")[0]
    told = set(re.findall(r"`([a-z_]+)`", "\n".join(re.findall(r"^\| (.+?) \|", table, re.MULTILINE))))

    assert told == {field.name for field in Job._meta.get_fields()} - {"created_at"}


def test_every_redis_key_is_told() -> None:
    prelude = (CHECKOUT / "queues" / "order" / "lua" / "prelude.lua").read_text()
    lines = re.findall(r"^--   ([a-z]\S*(?:, \S+)*) +(?:string|hash|set|zset|list) ", prelude, re.MULTILINE)
    table = TEXT.partition("## Redis keys")[2].partition("## ")[0]
    told = re.findall(r"`([^`]+)`", "\n".join(re.findall(r"^\| (`.+?) \|", table, re.MULTILINE)))

    assert {_bare(name) for name in told} == {_bare(name) for line in lines for name in line.split(", ")}


def _bare(key: str) -> str:
    """A key without the names of what stands in it."""
    return re.sub(r"<\w+>|:", "", key)


def _states(names: str) -> frozenset[JobState]:
    return frozenset(JobState(name) for name in re.findall(r"\w+", names))

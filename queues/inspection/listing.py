"""The statements that find a page's ids, each along the index that holds its order."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from queues.inspection.filters import Cursor, JobFilter
from queues.states import OPEN, JobState

#: What the search's index holds; the expression must be spelt like this to use it.
SEARCHED = "(data::text || ' ' || error_class || ' ' || error)"
_EPOCH_DIGITS = 48


@dataclass(frozen=True, slots=True)
class Order:
    """An order that an index holds: a column of time and then the id, or the id alone."""

    #: None: by id alone, which is by the time of the add.
    column: str | None
    descending: bool
    #: What the partial index asks for.
    condition: str = "TRUE"

    @property
    def by(self) -> str:
        """The ORDER BY's text."""
        way = " DESC" if self.descending else ""
        return f"{self.column}{way}, id{way}" if self.column else f"id{way}"

    def past(self, cursor: Cursor, values: dict[str, Any]) -> str:
        """The condition that a job comes after the cursor."""
        sign = "<" if self.descending else ">"
        values |= {"cursor_at": cursor.at, "cursor_id": cursor.id}
        return (
            f"({self.column}, id) {sign} (%(cursor_at)s, %(cursor_id)s)" if self.column else f"id {sign} %(cursor_id)s"
        )


FAILED = Order("failed_at", descending=True, condition="failed_at IS NOT NULL")
DELAYED = Order("delayed_until", descending=False, condition="delayed_until IS NOT NULL")
OPEN_JOBS = Order("run_at", descending=False, condition="finished_at IS NULL")
NEWEST = Order(None, descending=True)


def order_of(asked: JobFilter) -> Order:
    """The order in which a list is read: the newest failure, the next start, or the newest job first."""
    if asked.subject is not None:
        return NEWEST
    if asked.state == JobState.FAILED or asked.text:
        return FAILED
    if asked.state == JobState.DELAYED:
        return DELAYED
    return OPEN_JOBS if asked.state in OPEN else NEWEST


def page_sql(asked: JobFilter, cursor: Cursor | None, limit: int, queues: list[str]) -> tuple[str, dict[str, Any]]:
    """The statement for one page's ids in order, and its values. ``queues`` are all there are."""
    order = order_of(asked)
    values: dict[str, Any] = {"limit": limit}
    conditions = [order.condition, *_conditions(asked, order, values)]
    if cursor is not None:
        conditions.append(order.past(cursor, values))
    column = order.column or "NULL::timestamptz"
    pick = f"SELECT id, {column} AS at FROM queues_job WHERE {{extra}}{' AND '.join(conditions)}"  # noqa: S608  bound values
    end = f"ORDER BY {order.by.replace(order.column, 'at') if order.column else order.by} LIMIT %(limit)s"
    tenants = asked.visible_tenants()
    if asked.subject is not None:
        values |= {"subject": asked.subject}
        extra = "id IN (SELECT job_id FROM queues_jobsubject WHERE subject = %(subject)s) AND "
        return f"{_with_tenants(pick, tenants, values).format(extra=extra)} {end}", values
    if order.column is not None and not asked.text:
        # Each index begins with the queue, so the page is merged from the first jobs of each.
        values |= {"queues": [asked.queue] if asked.queue is not None else queues}
        inner = _with_tenants(pick, tenants, values).format(extra="queue = one.name AND ")
        return _merged("queues", inner, order, end), values
    if tenants is not None and not asked.text:
        values |= {"tenants": tenants}
        return _merged("tenants", pick.format(extra="tenant = one.name AND "), order, end), values
    return f"{_with_tenants(pick, tenants, values).format(extra='')} {end}", values


def _merged(names: str, inner: str, order: Order, end: str) -> str:
    """The first jobs of each queue or tenant, merged."""
    return (
        f"SELECT id, at FROM unnest(%({names})s::text[]) AS one (name) "  # noqa: S608  our own texts, bound values
        f"CROSS JOIN LATERAL ({inner} ORDER BY {order.by} LIMIT %(limit)s) AS first {end}"
    )


def _with_tenants(pick: str, tenants: list[str] | None, values: dict[str, Any]) -> str:
    if tenants is None:
        return pick
    values |= {"tenants": tenants}
    return f"{pick} AND tenant = ANY (%(tenants)s)"


def _conditions(asked: JobFilter, order: Order, values: dict[str, Any]) -> list[str]:
    """Everything that is not the order's own."""
    found: list[str] = []
    if asked.state == JobState.WAITING:
        found.append("(state = 'waiting' OR delayed_until <= statement_timestamp())")
    elif asked.state == JobState.DELAYED:
        found.append("delayed_until > statement_timestamp()")
    elif asked.state is not None:
        found.append("state = %(state)s")
        values["state"] = str(asked.state)
    for name in ("queue", "actor", "error_class"):
        value = getattr(asked, name)
        if value is not None:
            found.append(f"{name} = %({name})s")
            values[name] = value
    if asked.text:
        found.append(f"failed_at IS NOT NULL AND {SEARCHED} ILIKE %(text)s")
        values["text"] = f"%{_literal(asked.text)}%"
    found += _times(asked, order, values)
    return found


def _times(asked: JobFilter, order: Order, values: dict[str, Any]) -> list[str]:
    """The limits of time, on the order's column, or on the id, which begins with the time of the add."""
    found: list[str] = []
    for name, moment, sign in (("since", asked.since, ">="), ("until", asked.until, "<")):
        if moment is not None:
            found.append(f"{order.column or 'id'} {sign} %({name})s")
            values[name] = moment if order.column else first_id(moment)
    return found


def first_id(moment: datetime) -> UUID:
    """The smallest id that a job added at ``moment`` can have."""
    ms = (moment - datetime(1970, 1, 1, tzinfo=moment.tzinfo)) // timedelta(milliseconds=1)
    return UUID(int=max(min(ms, 2**_EPOCH_DIGITS - 1), 0) << 80)


def _literal(text: str) -> str:
    """A text in which LIKE sees no wildcard."""
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")

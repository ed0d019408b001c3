"""What the leader does: keep Redis no shorter than the rows, and the house in order."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from django.db import DatabaseError

from queues.housekeeping import Housekeeping
from queues.ledger import sql
from queues.order.client import UNREACHABLE, OrderClient
from queues.order.scripts import assert_settings, is_ready
from queues.relay.rebuild import Rebuild
from queues.relay.strangers import Strangers
from queues.relay.sweep import Sweep
from queues.relay.wanted import PAGE, order_settings

#: Seconds between looks at rows about to start.
YOUNG_EVERY_S = 2.0
#: Seconds between assertions of the queues' settings.
SETTINGS_EVERY_S = 2.0
#: Seconds between looks whether Redis is still the one that was filled.
READY_EVERY_S = 0.5
#: Ids a second that the walk through all due rows compares.
PACE = 20_000
#: How much slower a walk goes while it finds nothing missing.
CALM = 3
#: Seconds between two walks through all due rows.
WALK_EVERY_S = 5.0
#: Seconds between looks for jobs of queues that nobody here declares.
STRANGERS_EVERY_S = 10.0


def each(queues: Iterable[str], do: Callable[[str], object]) -> None:
    """Do something for every queue; raise the first error when all have had their turn, that a server is away at once.

    One that raises at every step would otherwise keep all queues behind it from theirs, for ever.
    """
    first: Exception | None = None
    for queue in queues:
        try:
            do(queue)
        except (*UNREACHABLE, *sql.TRANSIENT, DatabaseError):
            raise
        except Exception as error:  # noqa: BLE001  raised below
            first = first or error
    if first is not None:
        raise first


class Leader:
    """One in the cluster, as long as its database connection holds the advisory lock."""

    def __init__(self, client: OrderClient, queues: Callable[[], list[str]]) -> None:
        self._client, self._queues = client, queues
        self._sweeps: dict[str, Sweep] = {}
        self._rebuilds: dict[str, Rebuild] = {}
        self._due: dict[tuple[str, str], float] = {}
        self._house: Housekeeping | None = None
        self._strangers = Strangers()

    def keep(self, now: float) -> None:
        """Do the chores that need no Redis: counts, rollups, retention, health."""
        if self._is_due("strangers", "", now, STRANGERS_EVERY_S):
            self._strangers.look(self._queues())
        if self._house is None:
            self._house = Housekeeping(now)
        self._house.step(now)

    def relay(self, now: float) -> None:
        """Compare rows with Redis, a little at a time; rebuild what is not ready.

        Raises the first error once every queue has had its turn; that a server is away, at once.
        """
        each(self._queues(), lambda queue: self._serve(queue, now))

    def _serve(self, queue: str, now: float) -> None:
        sweep = self._sweeps.setdefault(queue, Sweep(self._client, queue))
        if queue in self._rebuilds or (self._is_due("ready", queue, now, READY_EVERY_S) and not self._ready(queue)):
            self._rebuild(sweep)
            return
        if self._is_due("settings", queue, now, SETTINGS_EVERY_S):
            assert_settings(self._client, queue, order_settings(queue))
        self._advance("young", sweep.young, queue, now, YOUNG_EVERY_S)
        self._advance("walk", sweep.walk, queue, now, WALK_EVERY_S)

    def _advance(self, way: str, step: Callable[[], tuple[int, bool]], queue: str, now: float, every_s: float) -> None:
        """One page of a walk: at full pace while anything is missing, slower while all is well."""
        if self._is_due(way, queue, now, PAGE / PACE):
            pushed, ended = step()
            if ended:
                self._due[way, queue] = now + every_s
            elif not pushed:
                self._due[way, queue] = now + CALM * PAGE / PACE

    def _ready(self, queue: str) -> bool:
        return is_ready(self._client, queue)

    def _rebuild(self, sweep: Sweep) -> None:
        rebuild = self._rebuilds.get(sweep.queue)
        if rebuild is None:
            rebuild = self._rebuilds[sweep.queue] = Rebuild(self._client, sweep)
        if rebuild.step():
            del self._rebuilds[sweep.queue]
            # The walk begins anew at once: what Redis lost is pushed before anything else.
            self._due["walk", sweep.queue] = 0.0

    def _is_due(self, chore: str, queue: str, now: float, every_s: float) -> bool:
        if self._due.get((chore, queue), 0.0) > now:
            return False
        self._due[chore, queue] = now + every_s
        return True

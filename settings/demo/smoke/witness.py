"""A trigger that notes every change of a job's state: what the ledger says of itself is not asked twice.

For a database of the smoke test's own; it would slow down another.
"""

from collections import Counter
from collections.abc import Collection
from uuid import UUID

from django.db import connection

_INSTALL = """
CREATE TABLE smoke_witness (
    seen bigint GENERATED ALWAYS AS IDENTITY, job_id uuid NOT NULL, run smallint NOT NULL, state text NOT NULL
);
CREATE FUNCTION smoke_witness_see() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO smoke_witness (job_id, run, state) VALUES (new.id, new.run, new.state);
    RETURN NULL;
END $$;
CREATE TRIGGER smoke_witness AFTER UPDATE OF state ON queues_job
    FOR EACH ROW WHEN (old.state IS DISTINCT FROM new.state) EXECUTE FUNCTION smoke_witness_see();
"""


def install() -> None:
    """Note changes from now on."""
    with connection.cursor() as cursor:
        cursor.execute(_INSTALL)


def ends(jobs: Collection[UUID]) -> Counter[tuple[UUID, int, str]]:
    """How often each run of these jobs came to each end."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT job_id, run, state FROM smoke_witness"
            " WHERE job_id = ANY (%s) AND state IN ('completed', 'failed', 'cancelled')",
            [list(jobs)],
        )
        return Counter(cursor.fetchall())

"""Search in failed jobs, and attempts by time, without a cost to jobs that succeed."""

from django.db import migrations

# pg_trgm comes with PostgreSQL's contrib and may be created by a database's owner. Where it is missing, the same
# search still works over the failed jobs' own index, only slower.
SEARCH = """
DO $$
BEGIN
    CREATE EXTENSION IF NOT EXISTS pg_trgm;
    CREATE INDEX queues_job_failed_text ON queues_job
        USING gin ((data::text || ' ' || error_class || ' ' || error) gin_trgm_ops) WHERE failed_at IS NOT NULL;
EXCEPTION WHEN undefined_file OR feature_not_supported OR insufficient_privilege OR undefined_object THEN
    RAISE NOTICE 'pg_trgm is not available (%); text search in failed jobs will read all of them', SQLERRM;
END $$
"""

NO_SEARCH = "DROP INDEX IF EXISTS queues_job_failed_text"

# Attempts are only ever appended, so a block range index finds a minute's at no cost to the writer.
ATTEMPTS = """
CREATE INDEX queues_jobattempt_finished ON queues_jobattempt
    USING brin (finished_at) WITH (pages_per_range = 16, autosummarize = on)
"""

NO_ATTEMPTS = "DROP INDEX IF EXISTS queues_jobattempt_finished"


class Migration(migrations.Migration):
    """Indexes that Django's models cannot say."""

    dependencies = [("queues", "0002_triggers")]

    operations = [
        migrations.RunSQL(SEARCH, NO_SEARCH),
        migrations.RunSQL(ATTEMPTS, NO_ATTEMPTS),
    ]

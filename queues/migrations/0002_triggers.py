"""What Django's models cannot say: room for heap-only updates, counts by trigger, an audit that cannot be changed."""

from django.db import migrations

COUNTS = """
CREATE FUNCTION queues_count_jobs() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        INSERT INTO queues_jobcountdelta (queue, tenant, state, delta)
        SELECT queue, tenant, state, count(*) FROM new_rows GROUP BY queue, tenant, state;
    ELSIF TG_OP = 'DELETE' THEN
        INSERT INTO queues_jobcountdelta (queue, tenant, state, delta)
        SELECT queue, tenant, state, -count(*) FROM old_rows GROUP BY queue, tenant, state;
    ELSE
        INSERT INTO queues_jobcountdelta (queue, tenant, state, delta)
        SELECT queue, tenant, state, sum(change) FROM (
            SELECT queue, tenant, state, 1 AS change FROM new_rows
            UNION ALL
            SELECT queue, tenant, state, -1 FROM old_rows
        ) AS both_sides GROUP BY queue, tenant, state HAVING sum(change) <> 0;
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER queues_job_counts_insert AFTER INSERT ON queues_job
    REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION queues_count_jobs();
CREATE TRIGGER queues_job_counts_update AFTER UPDATE ON queues_job
    REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION queues_count_jobs();
CREATE TRIGGER queues_job_counts_delete AFTER DELETE ON queues_job
    REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION queues_count_jobs();
"""

NO_COUNTS = """
DROP TRIGGER queues_job_counts_insert ON queues_job;
DROP TRIGGER queues_job_counts_update ON queues_job;
DROP TRIGGER queues_job_counts_delete ON queues_job;
DROP FUNCTION queues_count_jobs();
"""

AUDIT = """
CREATE FUNCTION queues_audit_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'queues_auditentry is append-only: % refused', TG_OP;
END $$;
CREATE TRIGGER queues_auditentry_append_only BEFORE UPDATE OR DELETE ON queues_auditentry
    FOR EACH ROW EXECUTE FUNCTION queues_audit_is_append_only();
"""

NO_AUDIT = """
DROP TRIGGER queues_auditentry_append_only ON queues_auditentry;
DROP FUNCTION queues_audit_is_append_only();
"""

STORAGE = """
ALTER TABLE queues_job SET (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_cost_delay = 0);
ALTER TABLE queues_jobcountdelta SET (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000);
ALTER TABLE queues_jobcount SET (fillfactor = 50);
"""

DEFAULT_STORAGE = """
ALTER TABLE queues_job RESET (fillfactor, autovacuum_vacuum_scale_factor, autovacuum_vacuum_cost_delay);
ALTER TABLE queues_jobcountdelta RESET (autovacuum_vacuum_scale_factor, autovacuum_vacuum_threshold);
ALTER TABLE queues_jobcount RESET (fillfactor);
"""


class Migration(migrations.Migration):
    """Triggers and storage parameters, each with its way back."""

    dependencies = [("queues", "0001_initial")]

    operations = [
        migrations.RunSQL(COUNTS, NO_COUNTS),
        migrations.RunSQL(AUDIT, NO_AUDIT),
        migrations.RunSQL(STORAGE, DEFAULT_STORAGE),
    ]

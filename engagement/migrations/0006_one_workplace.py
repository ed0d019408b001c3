"""What Django cannot say: rows that belong together belong to one workplace, and consents are never changed."""

from django.db import migrations

#: table, column, and the table that both the column and the workplace must agree with.
SAME_WORKPLACE = (
    ("appointment", "patient_id", "patient"),
    ("reminder", "patient_id", "patient"),
    ("reminder", "appointment_id", "appointment"),
    ("followuptask", "patient_id", "patient"),
    ("delivery", "reminder_id", "reminder"),
)

CONSENT_APPEND_ONLY = """
CREATE FUNCTION engagement_consent_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'A consent is never changed; add a newer one.' USING ERRCODE = 'check_violation';
END $$;
CREATE TRIGGER consent_append_only BEFORE UPDATE ON engagement_consent
    FOR EACH ROW EXECUTE FUNCTION engagement_consent_append_only();
"""

CONSENT_UNGUARDED = """
DROP TRIGGER consent_append_only ON engagement_consent;
DROP FUNCTION engagement_consent_append_only();
"""


def same_workplace(table: str, column: str, target: str) -> migrations.RunSQL:
    """A foreign key over (column, workplace)."""
    name = f"{table}_{target}_one_workplace"
    return migrations.RunSQL(
        f"ALTER TABLE engagement_{table} ADD CONSTRAINT {name} FOREIGN KEY ({column}, workplace_id)"
        f" REFERENCES engagement_{target} (id, workplace_id) DEFERRABLE INITIALLY DEFERRED",
        f"ALTER TABLE engagement_{table} DROP CONSTRAINT {name}",
    )


class Migration(migrations.Migration):
    dependencies = [("engagement", "0005_more_constraints")]

    operations = [
        *(same_workplace(*pair) for pair in SAME_WORKPLACE),
        migrations.RunSQL(CONSENT_APPEND_ONLY, CONSENT_UNGUARDED),
    ]

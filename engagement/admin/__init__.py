"""The clinic's pages in the admin: scoped to the user's workplaces, names and contacts masked in lists."""

from engagement.admin import (
    accounts,
    appointments,
    deliveries,
    holds,
    links,
    outbox,
    patients,
    reminders,
    tasks,
    workplaces,
)

__all__ = [
    "accounts",
    "appointments",
    "deliveries",
    "holds",
    "links",
    "outbox",
    "patients",
    "reminders",
    "tasks",
    "workplaces",
]

"""The clinic: appointments, their reminders, and the tasks that follow when a reminder cannot be delivered."""

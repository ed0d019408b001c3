"""Sending a reminder, step by step; :func:`engagement.services.sending.reminder.send_reminder` is the whole."""

"""Logs: one line an event, JSON or readable, with the job it belongs to and nobody's name."""

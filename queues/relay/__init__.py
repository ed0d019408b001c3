"""Keeping Redis no shorter than the rows: sweep, rebuild, rescue, and the leader that does it."""

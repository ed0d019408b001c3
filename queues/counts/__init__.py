"""Counts of jobs by state and by minute: folded, checked and rolled up by the leader, never in a finish's way."""

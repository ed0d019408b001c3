"""Starts named processes, keeps them running, stops them all; nothing outlives it."""

"""Composition: what the applications are given, and where it comes from."""

"""Channels: one adapter for each way out, all behind one interface."""

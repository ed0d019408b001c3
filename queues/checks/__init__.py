"""Checks at start: servers, clocks, connections, declarations."""

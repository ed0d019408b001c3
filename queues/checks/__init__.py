"""Checks at start: servers, clocks, connections, declarations. Each says what to do.

Those that need servers run where Django is told to use a database (``check --database default``, ``migrate``) and
before workers and schedulers start. Importing this registers them; nothing connects until they run.
"""

from queues.checks import declarations, postgres, redis  # noqa: F401  registered by their import
from queues.checks.start import before_running

__all__ = ["before_running"]

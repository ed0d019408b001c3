"""The one writer of jobs: every transition is one guarded statement, keyed by job id and attempt token."""

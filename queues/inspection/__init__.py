"""The one reader of jobs for staff, the API and the admin.

``stats`` counts, ``health`` judges, ``metrics`` measures, ``jobs`` lists and searches, ``detail`` shows one job whole.
Everything takes ``tenants``: those whose jobs the asker may see (of :mod:`queues.scope`); None means all.
"""

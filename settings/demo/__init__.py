"""What `manage.py demo` and `manage.py smoke` are made of: processes, data, pages and a table of what was seen.

Not installed in production. The only place that knows queues, engagement and monitoring together at run time.
"""

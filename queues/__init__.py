"""A job queue that loses nothing: rows in PostgreSQL, order in Redis, actors on Dramatiq.

This package knows no patient and no HTTP. Its one public door is :mod:`queues.service`.
"""

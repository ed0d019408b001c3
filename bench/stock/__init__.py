"""Dramatiq with its own RedisBroker as a contender, with and without django-dramatiq's record."""

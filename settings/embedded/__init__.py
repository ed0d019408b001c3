"""The checkout's own PostgreSQL and Valkey, for development, demo and tests.

`client` finds or starts them, `keeper` is the process that owns them as long as anybody uses them. Nothing here is
imported in production, and nothing here imports Django but the app's configuration and its command.
"""

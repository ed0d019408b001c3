"""The clinic's services: each decides, writes and returns. None knows Dramatiq."""

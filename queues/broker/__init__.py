"""Dramatiq's broker over the ledger: fetch ids, claim rows, run, commit outcomes."""

from queues.broker.broker import LedgerBroker

__all__ = ["LedgerBroker"]

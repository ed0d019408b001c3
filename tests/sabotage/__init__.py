"""Breaks each rule of the queue on purpose; a test that stays green then is no test."""

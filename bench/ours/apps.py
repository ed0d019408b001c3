"""Declares the bench's queues."""

from django.apps import AppConfig

from queues import registry
from queues.config import QueueConfig


def tenant(data: dict[str, str]) -> str:
    """One of a hundred tenants."""
    return data["tenant"]


def three_subjects(data: dict[str, str]) -> tuple[str, ...]:
    """A patient, an appointment and a workplace, as a reminder has."""
    number = data["number"]
    return f"patient:{int(number) % 5000}", f"appointment:{number}", f"workplace:{data['tenant']}"


QUEUES = {
    "noop": QueueConfig("bench-noop", actor="bench_noop"),
    "tenants": QueueConfig("bench-tenants", actor="bench_tenants", tenant=tenant),
    "read": QueueConfig("bench-read", actor="bench_read"),
    "stamp": QueueConfig("bench-stamp", actor="bench_stamp"),
    "subjects": QueueConfig("bench-subjects", actor="bench_subjects", tenant=tenant, subjects=three_subjects),
}


class OursConfig(AppConfig):
    """The bench's queues on this project's broker."""

    name = "bench.ours"
    label = "bench_ours"

    def ready(self) -> None:
        """Declare the queues."""
        for config in QUEUES.values():
            registry.register(config)

"""Further collectors of figures: filled by applications, read by whoever exports them."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Sample:
    """One figure: a name in Prometheus's spelling, its labels, its value."""

    name: str
    value: float
    labels: tuple[tuple[str, str], ...] = ()


_collectors: list[Callable[[], Iterable[Sample]]] = []


def register(collector: Callable[[], Iterable[Sample]]) -> None:
    """Have ``collector`` asked whenever figures are exported."""
    if collector not in _collectors:
        _collectors.append(collector)


def collect() -> list[Sample]:
    """The samples of all registered collectors."""
    return [sample for collector in _collectors for sample in collector()]

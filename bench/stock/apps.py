"""The Django application of the stock contenders."""

from django.apps import AppConfig


class StockConfig(AppConfig):
    """The bench's actors on Dramatiq's RedisBroker."""

    name = "bench.stock"
    label = "bench_stock"

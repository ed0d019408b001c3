"""Makes `settings.QUEUES` from the environment: the seed's variables under their names, units and defaults."""

from queues.conf import HealthThresholds, QueueSettings, RetentionPeriods
from settings.environment import Environment, InvalidVariable, env

_DAY = 24 * 3600


def queue_settings(redis_url: str, source: Environment = env) -> QueueSettings:
    """Return the engine's settings.

    Raises InvalidVariable for a value that is out of its range.
    """
    prefix = source.text("QUEUE_KEY_PREFIX", "q")
    if not prefix.isascii() or not prefix.replace("-", "").replace("_", "").isalnum():
        raise InvalidVariable("QUEUE_KEY_PREFIX", prefix, "letters, digits, - and _ only")
    return QueueSettings(
        redis_url=redis_url,
        key_prefix=prefix,
        retry_attempts=source.integer("QUEUE_RETRY_ATTEMPTS", 3, most=1000),
        retry_delay_ms=source.integer("QUEUE_RETRY_DELAY", 2000, most=_DAY * 1000),
        stalled_interval_ms=source.integer("QUEUE_STALLED_INTERVAL", 30_000, least=100),
        lock_duration_ms=source.integer("QUEUE_LOCK_DURATION", 30_000, least=1000),
        lookahead_s=source.integer("QUEUE_LOOKAHEAD", 60, least=5, most=_DAY),
        publish_timeout_s=source.number("QUEUE_PUBLISH_TIMEOUT", 0.25, least=0.01, most=10),
        redis_timeout_s=source.number("QUEUE_REDIS_TIMEOUT", 2.0, least=0.05, most=60),
        misfire_late_s=source.integer("QUEUE_MISFIRE_LATE", 60, least=1, most=_DAY),
        async_claim_commit=source.boolean("QUEUE_ASYNC_CLAIM_COMMIT", default=True),
        max_data_bytes=source.integer("QUEUE_MAX_DATA_BYTES", 65_536, least=256, most=16 * 2**20),
        health=_health(source),
        retention=_retention(source),
    )


def _health(source: Environment) -> HealthThresholds:
    usual = HealthThresholds()
    return HealthThresholds(
        failure_rate=source.number("QUEUE_HEALTH_FAILURE_RATE", usual.failure_rate, most=1),
        failure_sample=source.integer("QUEUE_HEALTH_FAILURE_SAMPLE", usual.failure_sample, least=1),
        window_s=source.integer("QUEUE_HEALTH_WINDOW", usual.window_s, least=60, most=30 * _DAY),
        active=source.integer("QUEUE_HEALTH_ACTIVE", usual.active, least=1),
        oldest_waiting_s=source.integer("QUEUE_HEALTH_OLDEST_WAITING", usual.oldest_waiting_s, least=1),
        heartbeat_s=source.integer("QUEUE_HEALTH_HEARTBEAT", usual.heartbeat_s, least=2),
    )


def _retention(source: Environment) -> RetentionPeriods:
    usual = RetentionPeriods()

    def period(name: str, default: int | None) -> int | None:
        """Return seconds; `never` keeps for ever."""
        if source.get(name) == "never":
            return None
        return default if source.get(name) is None else source.integer(name, 0, least=1)

    return RetentionPeriods(
        completed_s=period("QUEUE_RETENTION_COMPLETED", usual.completed_s),
        failed_s=period("QUEUE_RETENTION_FAILED", usual.failed_s),
        cancelled_s=period("QUEUE_RETENTION_CANCELLED", usual.cancelled_s),
        ticks_s=period("QUEUE_RETENTION_TICKS", usual.ticks_s),
        rollups_s=period("QUEUE_RETENTION_ROLLUPS", usual.rollups_s),
    )

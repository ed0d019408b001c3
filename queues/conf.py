"""What the queue engine can be told: one frozen, typed object, made by the settings, read as `settings.QUEUES`."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class HealthThresholds:
    """From where on a queue counts as unhealthy."""

    #: Share of failed among all finished runs of the window, 0.0 to 1.0.
    failure_rate: float = 0.1
    #: Fewest finished runs in the window before the failure rate says anything, runs.
    failure_sample: int = 20
    #: How far back the failure rate looks, seconds.
    window_s: int = 3600
    #: Most jobs running at once, jobs.
    active: int = 1000
    #: Longest that a due job may wait, seconds.
    oldest_waiting_s: int = 300
    #: Silence after which a worker, scheduler or relay counts as gone, seconds.
    heartbeat_s: int = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class RetentionPeriods:
    """How long finished work is kept. None keeps it for ever."""

    #: Completed jobs, seconds.
    completed_s: int | None = 24 * 3600
    #: Failed jobs with their data, error and stack, seconds.
    failed_s: int | None = 7 * 24 * 3600
    #: Cancelled jobs, seconds.
    cancelled_s: int | None = 7 * 24 * 3600
    #: Ticks of recurring jobs, seconds.
    ticks_s: int | None = 30 * 24 * 3600
    #: Rollups by the minute, seconds.
    rollups_s: int | None = 30 * 24 * 3600


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueSettings:
    """Settings of the engine, not of one queue (those are in its `QueueConfig`)."""

    #: Where Redis or Valkey is: redis://, rediss:// (TLS) or unix://.
    redis_url: str = field(repr=False)
    #: First part of every Redis key, so that installations sharing a server do not mix theirs.
    key_prefix: str = "q"
    #: Retries after the first run, for what names no attempts of its own; Bull's total is one more.
    retry_attempts: int = 3
    #: Wait before the first retry, milliseconds; it doubles with each.
    retry_delay_ms: int = 2000
    #: How often lost workers are looked for, milliseconds; see `rescue_interval_ms`.
    stalled_interval_ms: int = 30_000
    #: How long a worker owns a job without renewing its lease, milliseconds.
    lock_duration_ms: int = 30_000
    #: Jobs due within this time are told to Redis; later ones are only rows, seconds.
    lookahead_s: int = 60
    #: How long a caller waits for Redis when it adds a job, seconds.
    publish_timeout_s: float = 0.25
    #: How long a worker waits for an answer of Redis beyond the time it asked to block, seconds.
    redis_timeout_s: float = 2.0
    #: A tick that fires later than this counts as late, seconds.
    misfire_late_s: int = 60
    #: A claim's commit need not wait for the disk: a crash then only runs the job again.
    async_claim_commit: bool = True
    #: Largest job data as JSON, bytes.
    max_data_bytes: int = 65_536
    #: When a queue is unhealthy.
    health: HealthThresholds = field(default_factory=HealthThresholds)
    #: How long history is kept.
    retention: RetentionPeriods = field(default_factory=RetentionPeriods)

    #: Lost workers are looked for at least this often, milliseconds.
    RESCUE_CEILING_MS = 5000

    @property
    def rescue_interval_ms(self) -> int:
        """How often expired leases are looked for, milliseconds: 5000, or QUEUE_STALLED_INTERVAL if that is less."""
        return min(self.RESCUE_CEILING_MS, self.stalled_interval_ms)

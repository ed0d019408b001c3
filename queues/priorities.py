"""The four priorities of a job."""

from enum import IntEnum


class JobPriority(IntEnum):
    """How a job shares its tenant's turns; a lower number is taken sooner.

    ``CRITICAL`` is a band of its own, taken first (at most 7 of 8 hand-outs while others wait); the rest share by
    weight.
    """

    CRITICAL = 0
    HIGH = 1
    NORMAL = 2
    LOW = 3

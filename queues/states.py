"""The states of a job, and every transition there is between them."""

from enum import StrEnum


class JobState(StrEnum):
    """Where a job stands. ``failed`` is the dead letter: it stays for staff to retry."""

    WAITING = "waiting"
    DELAYED = "delayed"
    ACTIVE = "active"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELLED = "cancelled"


#: States in which a job still has something ahead of it.
OPEN = frozenset({JobState.WAITING, JobState.DELAYED, JobState.ACTIVE})
#: States in which a run has ended.
TERMINAL = frozenset({JobState.COMPLETED, JobState.FAILED, JobState.CANCELLED})

#: Every transition, by the verb that makes it: verb -> (states it starts from, states it may end in).
TRANSITIONS: dict[str, tuple[frozenset[JobState], frozenset[JobState]]] = {
    "claim": (frozenset({JobState.WAITING, JobState.DELAYED}), frozenset({JobState.ACTIVE})),
    "finish": (
        frozenset({JobState.ACTIVE}),
        frozenset({JobState.COMPLETED, JobState.FAILED, JobState.DELAYED, JobState.WAITING, JobState.CANCELLED}),
    ),
    "undo": (frozenset({JobState.ACTIVE}), frozenset({JobState.WAITING})),
    "rescue": (frozenset({JobState.ACTIVE}), frozenset({JobState.WAITING, JobState.FAILED, JobState.CANCELLED})),
    "expire": (frozenset({JobState.WAITING, JobState.DELAYED}), frozenset({JobState.CANCELLED})),
    "retry": (frozenset({JobState.FAILED, JobState.CANCELLED}), frozenset({JobState.WAITING})),
    "promote": (frozenset({JobState.DELAYED}), frozenset({JobState.WAITING})),
    "reschedule": (
        frozenset({JobState.WAITING, JobState.DELAYED}),
        frozenset({JobState.WAITING, JobState.DELAYED}),
    ),
    "cancel": (frozenset({JobState.WAITING, JobState.DELAYED}), frozenset({JobState.CANCELLED})),
    "remove": (frozenset(JobState) - {JobState.ACTIVE}, frozenset()),
}


def allowed_from(verb: str) -> frozenset[JobState]:
    """The states in which ``verb`` may be said of a job."""
    return TRANSITIONS[verb][0]


def allowed_verbs(state: str) -> list[str]:
    """The verbs that people may say of a job in ``state``, in alphabetical order."""
    if state == JobState.ACTIVE:
        return ["cancel"]  # asked of the worker; the attempt's end makes the transition
    staff = ("cancel", "promote", "remove", "reschedule", "retry")
    return [verb for verb in staff if state in TRANSITIONS[verb][0]]

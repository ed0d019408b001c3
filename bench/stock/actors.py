"""The bench's bodies as plain actors, each on a queue of its own, as ours are."""

from typing import Any

import dramatiq

from bench import bodies

noop = dramatiq.actor(actor_name="noop", queue_name="bench-noop")(bodies.noop)
read = dramatiq.actor(actor_name="read", queue_name="bench-read")(bodies.read)
stamp = dramatiq.actor(actor_name="stamp", queue_name="bench-stamp")(bodies.stamp)
subjects = dramatiq.actor(actor_name="subjects", queue_name="bench-subjects")(bodies.noop)

ACTORS: dict[str, dramatiq.Actor[..., Any]] = {"noop": noop, "read": read, "stamp": stamp, "subjects": subjects}

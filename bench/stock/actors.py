"""The bench's bodies as plain actors, each on a queue of its own, as ours are."""

import dramatiq

from bench import bodies

noop = dramatiq.actor(bodies.noop, actor_name="noop", queue_name="bench-noop")
read = dramatiq.actor(bodies.read, actor_name="read", queue_name="bench-read")
stamp = dramatiq.actor(bodies.stamp, actor_name="stamp", queue_name="bench-stamp")
subjects = dramatiq.actor(bodies.noop, actor_name="subjects", queue_name="bench-subjects")

ACTORS = {"noop": noop, "read": read, "stamp": stamp, "subjects": subjects}

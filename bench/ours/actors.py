"""The bench's bodies as actors of declared queues."""

from bench import bodies
from bench.ours.apps import QUEUES
from queues.actors import queue_actor

noop = queue_actor(QUEUES["noop"])(bodies.noop)
tenants = queue_actor(QUEUES["tenants"])(bodies.noop)
read = queue_actor(QUEUES["read"])(bodies.read)
stamp = queue_actor(QUEUES["stamp"])(bodies.stamp)
subjects = queue_actor(QUEUES["subjects"])(bodies.noop)

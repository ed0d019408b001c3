"""Rules 1 to 22: publish and relay, fetch, claim."""

from tests.sabotage.patches import Patch

RULES = "tests/queues/rules"

PATCHES = [
    Patch(
        1,
        "the relay compares and pushes nothing",
        "queues/relay/sweep.py",
        "        if waiting:\n",
        "        if not waiting:\n",
        (f"{RULES}/test_rule_01.py",),
    ),
    Patch(
        2,
        "publish passes over ids that are leased",
        "queues/order/lua/publish.lua",
        "        if due then\n",
        "        if due and not string.find(table.concat(redis.call('ZRANGE', base .. 'leases', 0, -1), ' '),"
        " string.match(member, '%x+%-[%x-]+'), 1, true) then\n",
        (f"{RULES}/test_rule_02.py",),
    ),
    Patch(
        3,
        "publish takes the newest time, not the earliest",
        "queues/order/lua/publish.lua",
        "        if now + delay < tonumber(known) then\n            redis.call('ZADD', base .. 'delayed', 'LT', now",
        "        if true then\n            redis.call('ZADD', base .. 'delayed', now",
        (f"{RULES}/test_rule_03.py",),
    ),
    Patch(
        4,
        "empty deletes the queue's keys",
        "queues/service/managing.py",
        "    removed = delete_older(name, [JobState.WAITING, JobState.DELAYED], 0, LIMIT, tenant)\n",
        "    removed = delete_older(name, [JobState.WAITING, JobState.DELAYED], 0, LIMIT, tenant)\n"
        "    publisher.client().command('DEL', f'q:{{{name}}}:flow:2:', f'q:{{{name}}}:flow:2')\n",
        (f"{RULES}/test_rule_04.py",),
    ),
    Patch(
        5,
        "each addition of a transaction calls for itself",
        "queues/order/outbox.py",
        "[self, *(other for other in list(self.siblings) if other is not self)]",
        "[self]",
        (f"{RULES}/test_rule_05.py",),
    ),
    Patch(
        5,
        "no break after Redis did not answer",
        "queues/order/outbox.py",
        "BREAK_S = 2.0",
        "BREAK_S = 0.0",
        (f"{RULES}/test_rule_05.py",),
    ),
]

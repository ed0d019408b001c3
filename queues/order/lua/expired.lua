-- expired: leases that have ended, for the rescue to settle once the ledger has taken their jobs back.
-- Garbage among them is deleted here, for no one could name it.
--
-- KEYS[1]  base
-- ARGV     1 limit (at most 100)
-- returns  "<token>|<member>"…
-- O(log m + limit)
local ended = {}
for _, entry in ipairs(redis.call('ZRANGEBYSCORE', base .. 'leases', '-inf', now_ms(), 'LIMIT', 0,
                                  math.min(tonumber(ARGV[1]), 100))) do
    local member = string.match(entry, '^[^|]+|(.*)$')
    if member and parse(member) then
        ended[#ended + 1] = entry
    else
        redis.call('ZREM', base .. 'leases', entry)
    end
end
return ended

-- publish: tell Redis of jobs that wait. Idempotent by member: what is in its flow or delayed already stays once,
-- delayed keeps the earlier time. Never looks at leases (an attempt that has failed may still hold one).
--
-- KEYS[1]  base
-- ARGV     triples: member, delay in ms (0: now), suspect ("1" or "0"); at most 1,000 triples
-- returns  how many were not there before
-- O(n log m)
local now = now_ms()
local added, stir = 0, false
for i = 1, #ARGV, 3 do
    local member, delay = ARGV[i], tonumber(ARGV[i + 1])
    local known = redis.call('ZSCORE', base .. 'delayed', member)
    if known and ARGV[i + 2] == '0' then
        if now + delay < tonumber(known) then
            redis.call('ZADD', base .. 'delayed', 'LT', now + delay, member)
            stir = true
        end
    elseif place(member, delay, ARGV[i + 2] == '1', now) then
        added = added + 1
        stir = true
    end
end
if stir then wake() end
return added

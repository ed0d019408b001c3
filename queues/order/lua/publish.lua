-- publish: tell Redis of jobs that wait. Idempotent by member: what is in its flow or delayed already stays once,
-- delayed keeps the earlier time. Never looks at leases (an attempt that has failed may still hold one).
--
-- KEYS[1]  base
-- ARGV     triples: member, delay in ms (0: now), suspect ("1" or "0"); at most 1,000 triples
-- returns  how many were not in a flow before (delayed and suspect ones always count)
-- O(n log m)
local now = now_ms()
local added, stir = 0, false
local any_delayed = redis.call('EXISTS', base .. 'delayed') == 1
local flows = {}
for i = 1, #ARGV, 3 do
    local member, delay, suspect = ARGV[i], tonumber(ARGV[i + 1]), ARGV[i + 2] == '1'
    local known = any_delayed and not suspect and redis.call('ZSCORE', base .. 'delayed', member)
    if known then
        if now + delay < tonumber(known) then
            redis.call('ZADD', base .. 'delayed', 'LT', now + delay, member)
            stir = true
        end
    elseif suspect or delay > 0 then
        if place(member, delay, suspect, now) then stir = true end
        added = added + 1
    else
        local due, priority, _, tenant = parse(member)
        if due then
            local flow = priority .. ':' .. tenant
            local members = flows[flow]
            if not members then
                members = {}
                flows[flow] = members
                activate_flow(priority, tenant)
            end
            members[#members + 1] = due
            members[#members + 1] = member
        end
    end
end
for flow, members in pairs(flows) do
    local new = redis.call('ZADD', base .. 'flow:' .. flow, 'NX', unpack(members))
    added = added + new
    stir = stir or new > 0
end
if stir then wake() end
return added

-- missing: which of these members Redis does not know. Changes nothing.
--
-- KEYS[1]  base
-- ARGV     pairs: member, token of its active attempt ("": it waits); at most 2,000 pairs
-- returns  numbers (from 1) of the pairs that are in no flow, not delayed, not a suspect and, if active, not leased
-- O(n log m)
local gone = {}
for i = 1, #ARGV, 2 do
    local member, token = ARGV[i], ARGV[i + 1]
    local found
    if token ~= '' then
        found = redis.call('ZSCORE', base .. 'leases', token .. '|' .. member)
    else
        local due, priority, _, tenant = parse(member)
        found = not due or redis.call('ZSCORE', base .. 'flow:' .. priority .. ':' .. tenant, member)
            or redis.call('ZSCORE', base .. 'delayed', member)
            or redis.call('ZSCORE', base .. 'suspects', member)
    end
    if not found then gone[#gone + 1] = (i + 1) / 2 end
end
return gone

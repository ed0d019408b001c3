-- renew: extend leases of attempts that are alive; one that is missing is made again.
--
-- KEYS[1]  base
-- ARGV     1 lease in ms, then pairs: token, member
-- returns  the ids among them that somebody wants cancelled
-- O(n log m)
local ends = now_ms() + tonumber(ARGV[1])
local cancels = redis.call('EXISTS', base .. 'cancels') == 1
local wanted = {}
for i = 2, #ARGV, 2 do
    redis.call('ZADD', base .. 'leases', ends, ARGV[i] .. '|' .. ARGV[i + 1])
    if cancels then
        local _, _, id = parse(ARGV[i + 1])
        if id and redis.call('SISMEMBER', base .. 'cancels', ARGV[i] .. '|' .. id) == 1 then wanted[#wanted + 1] = id end
    end
end
return wanted

-- settle: let go of attempts, after their outcome is in the ledger (or when they were never claimed). A member that is to
-- run again is placed without condition; one that is done is only let go. Removes no lease but its own.
--
-- KEYS[1]  base
-- ARGV     fours: token, member, delay in ms ("-": done, not to run again), suspect ("1" or "0"); at most 256 fours
-- returns  how many leases were let go
-- O(n log m)
local now = now_ms()
local cap = tonumber(redis.call('HGET', base .. 'settings', 'cap') or '')
local bound = cap and cap > 0 and redis.call('ZCARD', base .. 'leases') >= cap
local let_go, stir = 0, false
local cancels = redis.call('EXISTS', base .. 'cancels') == 1
for i = 1, #ARGV, 4 do
    let_go = let_go + redis.call('ZREM', base .. 'leases', ARGV[i] .. '|' .. ARGV[i + 1])
    if ARGV[i + 2] ~= '-' then
        stir = place(ARGV[i + 1], tonumber(ARGV[i + 2]), ARGV[i + 3] == '1', now) or stir
    end
    if cancels then
        local _, _, id = parse(ARGV[i + 1])
        if id then redis.call('SREM', base .. 'cancels', id) end
    end
end
if stir or (bound and let_go > 0) then wake() end
return let_go

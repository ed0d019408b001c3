-- settle: let go of attempts, after their outcome is in the ledger (or when they were never claimed). A member that is to
-- run again is placed without condition; one that is done is only let go. Removes no lease but its own.
--
-- KEYS[1]  base
-- ARGV     1 how many are done, then their leases ("<token>|<member>"), then fours of those that are to run again: token,
--          member, delay in ms, suspect ("1" or "0"); at most 256 in all
-- returns  how many leases were let go
-- O(n log m)
local now = now_ms()
local cap = tonumber(redis.call('HGET', base .. 'settings', 'cap') or '')
local bound = cap and cap > 0 and redis.call('ZCARD', base .. 'leases') >= cap
local done = tonumber(ARGV[1])
local let_go, stir = 0, false
if done > 0 then let_go = redis.call('ZREM', base .. 'leases', unpack(ARGV, 2, done + 1)) end
for i = done + 2, #ARGV, 4 do
    let_go = let_go + redis.call('ZREM', base .. 'leases', ARGV[i] .. '|' .. ARGV[i + 1])
    stir = place(ARGV[i + 1], tonumber(ARGV[i + 2]), ARGV[i + 3] == '1', now) or stir
end
if redis.call('EXISTS', base .. 'cancels') == 1 then
    local function forget(token, member)
        local _, _, id = parse(member)
        if id then redis.call('SREM', base .. 'cancels', token .. '|' .. id) end
    end
    for i = 2, done + 1 do
        local token, member = string.match(ARGV[i], '^([^|]+)|(.*)$')
        if token then forget(token, member) end
    end
    for i = done + 2, #ARGV, 4 do forget(ARGV[i], ARGV[i + 1]) end
end
if stir or (bound and let_go > 0) then wake() end
return let_go

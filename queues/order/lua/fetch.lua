-- fetch: hand out up to n members under a token, in fair order. Asked again with the same token it answers the same.
--
-- KEYS[1]  base
-- ARGV     1 token, 2 n (at most 256), 3 lease in ms, 4 not_after in Redis ms (0: none; a late copy hands out nothing),
--          5 run_id that the connection read from its server, 6 "alone" to take one suspect, else ""
-- returns  {status, more ("1": ids are left), ms until the next event (-1: none known), suspects waiting, now, member…}
--          status: ok, late, rebuilding, paused
-- O((n + promoted) log m); promotes at most 256
local token, n, lease = ARGV[1], math.min(tonumber(ARGV[2]), 256), tonumber(ARGV[3])
local now = now_ms()
if tonumber(ARGV[4]) > 0 and now > tonumber(ARGV[4]) then return {'late', '0', '-1', '0', now} end

local ready = 'ready:' .. ARGV[5] .. ':'
if string.sub(redis.call('GET', base .. 'epoch') or '', 1, #ready) ~= ready then
    return {'rebuilding', '0', '250', '0', now}
end

local held = redis.call('LRANGE', base .. 'held:' .. token, 0, -1)
if #held > 0 then return {'ok', '0', '0', '0', now, unpack(held)} end

local settings = redis.call('HMGET', base .. 'settings', 'paused', 'cap', 'rate_count', 'rate_per_ms',
                            'weight1', 'weight2', 'weight3')
if settings[1] == '1' then return {'paused', '0', '-1', '0', now} end
local weights = {tonumber(settings[5]) or 6, tonumber(settings[6]) or 3, tonumber(settings[7]) or 1}
local next_event = -1
local function sooner(ms)
    if ms >= 0 and (next_event < 0 or ms < next_event) then next_event = ms end
end

-- Promote what is due.
for _, member in ipairs(redis.call('ZRANGEBYSCORE', base .. 'delayed', '-inf', now, 'LIMIT', 0, 256)) do
    redis.call('ZREM', base .. 'delayed', member)
    push_ready(member)
end

-- Limits: tokens of the rate, free slots of the cap.
local rate_count, rate_per = tonumber(settings[3]), tonumber(settings[4])
local tokens
if rate_count and rate_count > 0 then
    local rate = redis.call('HMGET', base .. 'rate', 'tokens', 'at')
    tokens = math.min(rate_count,
        (tonumber(rate[1]) or rate_count) + (now - (tonumber(rate[2]) or now)) * rate_count / rate_per)
    if tokens < n then
        sooner(math.ceil((math.floor(tokens) + 1 - tokens) * rate_per / rate_count))
        n = math.min(n, math.floor(tokens))
    end
end
local cap = tonumber(settings[2])
if cap and cap > 0 then
    local free = cap - redis.call('ZCARD', base .. 'leases')
    if free < n then
        sooner(1000)
        n = math.max(free, 0)
    end
end

local out = {}
if ARGV[6] == 'alone' then
    local first = n > 0 and redis.call('ZPOPMIN', base .. 'suspects')[1]
    if first then out[1] = first end
else
    take_fairly(n, weights, out)
end

-- Lease what is handed out.
if #out > 0 then
    local leases = {}
    for i, member in ipairs(out) do
        leases[2 * i - 1] = now + lease
        leases[2 * i] = token .. '|' .. member
    end
    redis.call('ZADD', base .. 'leases', unpack(leases))
    redis.call('RPUSH', base .. 'held:' .. token, unpack(out))
    redis.call('PEXPIRE', base .. 'held:' .. token, 2 * lease)
    if tokens then tokens = tokens - #out end
end
if tokens then redis.call('HSET', base .. 'rate', 'tokens', tostring(tokens), 'at', now) end

local more = redis.call('EXISTS', base .. 'band0', base .. 'band1') > 0
if more and n > 0 then wake() end
local delayed = redis.call('ZRANGE', base .. 'delayed', 0, 0, 'WITHSCORES')
if delayed[1] then sooner(math.max(tonumber(delayed[2]) - now, 0)) end
local suspects = redis.call('ZCARD', base .. 'suspects')
return {'ok', more and '1' or '0', tostring(next_event), tostring(suspects), now, unpack(out)}

-- Shared by every script; put in front of each.
--
-- KEYS[1]  base of one queue's keys, ending in its hash tag: "q:{appointment-reminder}:"
--
-- Keys under the base:
--   epoch            string  "ready:<run_id>:<nonce>" or "rebuilding:<nonce>"; absent after a flush
--   settings         hash    paused, cap, rate_count, rate_per_ms, weight1..3 (a copy of the rows)
--   paused_tenants   set     tenants that get no turn
--   delayed          zset    member -> ms at which it is due
--   suspects         zset    member -> due ms; only handed out alone
--   band0, band1     zset    tenant -> virtual start; CRITICAL, and the rest
--   flows:<tenant>   zset    priority 1..3 -> virtual start inside the tenant
--   flow:<p>:<tenant> zset   member -> due ms: one flow, first in first out
--   virtual          hash    band0, band1, t:<tenant>: virtual time reached
--   critical         string  CRITICAL hand-outs in a row while others waited
--   leases           zset    "<token>|<member>" -> ms at which the lease ends
--   held:<token>     list    members handed out under a token (expires by itself)
--   cancels          set     "<token>|<id>" of attempts that somebody wants cancelled
--   rate             hash    tokens, at
--   wake             list    at most one wake-up for an idle consumer
--
-- A member is "<due ms>|<priority>|<id>|<tenant>": what it takes to know its flow without a row.

local base = KEYS[1]

local function now_ms()
    local t = redis.call('TIME')
    return tonumber(t[1]) * 1000 + math.floor(tonumber(t[2]) / 1000)
end

-- nil for garbage.
local function parse(member)
    local due, priority, id, tenant = string.match(member, '^(%d+)|([0-3])|([%x-]+)|(.*)$')
    if not due or #id ~= 36 or #due > 15 then return nil end
    return tonumber(due), priority, id, tenant
end

local function wake()
    if redis.call('LLEN', base .. 'wake') == 0 then redis.call('LPUSH', base .. 'wake', '1') end
end

-- Give a tenant its place in a band: where the band has got to, neither credit nor debt.
local function activate(band, tenant)
    local key = base .. band
    if not redis.call('ZSCORE', key, tenant) and redis.call('SISMEMBER', base .. 'paused_tenants', tenant) == 0 then
        redis.call('ZADD', key, redis.call('HGET', base .. 'virtual', band) or '0', tenant)
    end
end

-- Flows that this call has activated already.
local activated = {}

-- Give a flow, and its tenant, a place among those that have something.
local function activate_flow(priority, tenant)
    local flow = priority .. ':' .. tenant
    if activated[flow] then return end
    activated[flow] = true
    if priority == '0' then
        activate('band0', tenant)
    else
        local flows = base .. 'flows:' .. tenant
        if not redis.call('ZSCORE', flows, priority) then
            redis.call('ZADD', flows, redis.call('HGET', base .. 'virtual', 't:' .. tenant) or '0', priority)
        end
        activate('band1', tenant)
    end
end

-- Put a member into its flow. Returns 1 if it was not there. O(log n)
local function push_ready(member)
    local due, priority, _, tenant = parse(member)
    if not due then return 0 end
    activate_flow(priority, tenant)
    return redis.call('ZADD', base .. 'flow:' .. priority .. ':' .. tenant, 'NX', due, member)
end

-- Put a member where it belongs: (delay_ms > 0) among the delayed, keeping the earlier time, among the suspects, or into
-- its flow. A suspect that is not due waits like any other: handed out too early it would only be given back, at once,
-- for ever. Returns whether an idle consumer should look.
local function place(member, delay_ms, suspect, now)
    if suspect and delay_ms <= 0 then
        local due = parse(member)
        if due then redis.call('ZADD', base .. 'suspects', 'NX', due, member) end
        return true
    end
    if delay_ms > 0 then
        redis.call('ZADD', base .. 'delayed', 'LT', now + delay_ms, member)
        local first = redis.call('ZRANGE', base .. 'delayed', 0, 0)
        return first[1] == member
    end
    return push_ready(member) == 1
end

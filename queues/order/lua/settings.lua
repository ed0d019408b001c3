-- settings: bring Redis's copy of a queue's settings in line with the rows.
--
-- KEYS[1]  base
-- ARGV     1 paused ("1" or "0"), 2 cap, 3 rate_count, 4 rate_per_ms (each "0": none), 5..7 weights of HIGH NORMAL LOW,
--          then the paused tenants
-- returns  1 if something may run now that could not before, else 0
-- O(tenants)
local was_paused = redis.call('HGET', base .. 'settings', 'paused') == '1'
redis.call('HSET', base .. 'settings', 'paused', ARGV[1], 'cap', ARGV[2], 'rate_count', ARGV[3], 'rate_per_ms', ARGV[4],
           'weight1', ARGV[5], 'weight2', ARGV[6], 'weight3', ARGV[7])
local before = redis.call('SMEMBERS', base .. 'paused_tenants')
redis.call('DEL', base .. 'paused_tenants')
for i = 8, #ARGV do redis.call('SADD', base .. 'paused_tenants', ARGV[i]) end
local freed = was_paused and ARGV[1] == '0'
for _, tenant in ipairs(before) do
    if redis.call('SISMEMBER', base .. 'paused_tenants', tenant) == 0 then
        -- A resumed tenant starts where its band has got to: a pause is no credit.
        if redis.call('EXISTS', base .. 'flow:0:' .. tenant) == 1 then activate('band0', tenant) end
        if redis.call('EXISTS', base .. 'flows:' .. tenant) == 1 then activate('band1', tenant) end
        freed = true
    end
end
if freed then wake() end
return freed and 1 or 0

-- heal: after a WRONGTYPE error, delete the keys of this queue that are not what they should be, and the epoch, so that
-- the relay rebuilds the queue from its rows.
--
-- KEYS[1]  base
-- returns  how many keys were deleted
-- O(keys in the database); only ever run after somebody wrote garbage
local kinds = {epoch = 'string', settings = 'hash', paused_tenants = 'set', delayed = 'zset', suspects = 'zset',
               band0 = 'zset', band1 = 'zset', virtual = 'hash', critical = 'string', leases = 'zset',
               cancels = 'set', rate = 'hash', wake = 'list'}
local deleted, cursor = 0, '0'
repeat
    local page = redis.call('SCAN', cursor, 'COUNT', 1000)
    cursor = page[1]
    for _, key in ipairs(page[2]) do
        if string.sub(key, 1, #base) == base then
            local name = string.sub(key, #base + 1)
            local kind = kinds[name] or (string.sub(name, 1, 5) == 'held:' and 'list') or 'zset'
            if redis.call('TYPE', key)['ok'] ~= kind then
                redis.call('DEL', key)
                deleted = deleted + 1
            end
        end
    end
until cursor == '0'
redis.call('DEL', base .. 'epoch')
return deleted

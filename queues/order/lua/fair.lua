-- fair: start-time fair queueing, tagged at hand-out. Put between the prelude and fetch.
--
-- Two levels of one structure: a band's tenants by virtual start, a tenant's priorities by virtual start. A turn of a
-- tenant costs 1, a turn of a priority 10080 / weight. Turns are dealt on copies in Lua; what was dealt is then popped
-- flow by flow, so that a call costs a few commands a flow and not a few a job.

-- A band with its `count` first tenants, as a heap by virtual start (a sorted array is one).
local function open_band(name, count, paused)
    local top = redis.call('ZRANGE', base .. name, 0, count - 1, 'WITHSCORES')
    local heap = {}
    for i = 1, #top, 2 do
        if paused[top[i]] then
            redis.call('ZREM', base .. name, top[i])
        else
            heap[#heap + 1] = {tenant = top[i], start = tonumber(top[i + 1]), taken = 0}
        end
    end
    -- Beyond this virtual start a tenant that was not loaded may come first.
    local limit = #top == 2 * count and tonumber(top[#top]) or math.huge
    return {name = name, heap = heap, limit = limit, touched = {}}
end

local function sift_down(heap)
    local i, size, node = 1, #heap, heap[1]
    while true do
        local child = 2 * i
        if child > size then break end
        if child < size and heap[child + 1].start < heap[child].start then child = child + 1 end
        if heap[child].start >= node.start then break end
        heap[i] = heap[child]
        i = child
    end
    heap[i] = node
end

local function drop_top(heap)
    heap[1] = heap[#heap]
    heap[#heap] = nil
    if heap[1] then sift_down(heap) end
end

-- What a tenant has: its flows that are not empty.
local function examine(band, node)
    node.flows, node.left = {}, 0
    local starts = {'0', '0'}
    if band.name == 'band1' then
        starts = redis.call('ZRANGE', base .. 'flows:' .. node.tenant, 0, -1, 'WITHSCORES')
    end
    for i = 1, #starts, 2 do
        local left = redis.call('ZCARD', base .. 'flow:' .. starts[i] .. ':' .. node.tenant)
        if left > 0 then
            node.flows[#node.flows + 1] = {priority = starts[i], start = tonumber(starts[i + 1]), left = left, taken = 0,
                                           key = base .. 'flow:' .. starts[i] .. ':' .. node.tenant, given = 0}
            node.left = node.left + left
        elseif band.name == 'band1' then
            redis.call('ZREM', base .. 'flows:' .. node.tenant, starts[i])
        end
    end
end

-- The tenant whose turn it is, or nil. One that has nothing is forgotten.
local function peek(band)
    while band.heap[1] do
        local node = band.heap[1]
        if node.start > band.limit then
            band.reload = true
            return nil
        end
        if not node.flows then examine(band, node) end
        if node.left > 0 then return node end
        if node.taken == 0 then
            redis.call('ZREM', base .. band.name, node.tenant)
            if band.name == 'band1' then
                redis.call('DEL', base .. 'flows:' .. node.tenant)
                redis.call('HDEL', base .. 'virtual', 't:' .. node.tenant)
            end
        end
        drop_top(band.heap)
    end
    if band.limit < math.huge then band.reload = true end
    return nil
end

-- Deal one turn to the tenant on top; returns the flow it goes to.
local function deal(band, weights)
    local node = band.heap[1]
    local flow
    for _, other in ipairs(node.flows) do
        if other.left > 0 and (not flow or other.start < flow.start) then flow = other end
    end
    if node.taken == 0 then band.touched[#band.touched + 1] = node end
    band.reached, node.reached = node.start, flow.start
    flow.left, flow.taken = flow.left - 1, flow.taken + 1
    node.left, node.taken = node.left - 1, node.taken + 1
    node.start = node.start + 1
    flow.start = flow.start + math.floor(10080 / (weights[tonumber(flow.priority)] or 1))
    sift_down(band.heap)
    return flow
end

-- Write the virtual times that a band's turns have come to.
local function close_band(band)
    if #band.touched == 0 then return end
    local tenants, virtual = {}, {band.name, band.reached}
    for _, node in ipairs(band.touched) do
        tenants[#tenants + 1] = node.start
        tenants[#tenants + 1] = node.tenant
        if band.name == 'band1' then
            virtual[#virtual + 1] = 't:' .. node.tenant
            virtual[#virtual + 1] = node.reached
            local starts = {}
            for _, flow in ipairs(node.flows) do
                if flow.taken > 0 then
                    starts[#starts + 1] = flow.start
                    starts[#starts + 1] = flow.priority
                end
            end
            redis.call('ZADD', base .. 'flows:' .. node.tenant, unpack(starts))
        end
    end
    redis.call('ZADD', base .. band.name, unpack(tenants))
    redis.call('HSET', base .. 'virtual', unpack(virtual))
end

-- Append up to `count` members to `out`, in fair order. CRITICAL goes first, at most 7 of 8 while others wait.
local function take_fairly(count, weights, out)
    if count <= 0 then return end
    local critical = tonumber(redis.call('GET', base .. 'critical') or '0')
    local before = critical
    local paused = {}
    for _, tenant in ipairs(redis.call('SMEMBERS', base .. 'paused_tenants')) do paused[tenant] = true end
    repeat
        local band0, band1 = open_band('band0', count, paused), open_band('band1', count, paused)
        local turns, wanted = {}, count - #out
        while #turns < wanted do
            local first, other = peek(band0), peek(band1)
            if (band0.reload and not first) or (band1.reload and not other) then break end
            if first and (not other or critical < 7) then
                turns[#turns + 1] = deal(band0, weights)
                if other then critical = critical + 1 end
            elseif other then
                turns[#turns + 1] = deal(band1, weights)
                critical = 0
            else
                break
            end
        end
        for _, flow in ipairs(turns) do
            if not flow.members then flow.members = redis.call('ZPOPMIN', flow.key, flow.taken) end
            out[#out + 1] = flow.members[2 * flow.given + 1]
            flow.given = flow.given + 1
        end
        close_band(band0)
        close_band(band1)
    until #out >= count or not (band0.reload or band1.reload)
    if critical ~= before then redis.call('SET', base .. 'critical', critical) end
end

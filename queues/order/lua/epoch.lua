-- epoch: say how far a rebuild is. "ready" is written only over this rebuild's own mark: a flush in between starts again.
--
-- KEYS[1]  base
-- ARGV     1 "begin" or "ready", 2 nonce of the rebuild, 3 run_id of the server
-- returns  1 if written, else 0
if ARGV[1] == 'begin' then
    redis.call('SET', base .. 'epoch', 'rebuilding:' .. ARGV[2])
    return 1
end
if redis.call('GET', base .. 'epoch') ~= 'rebuilding:' .. ARGV[2] then return 0 end
redis.call('SET', base .. 'epoch', 'ready:' .. ARGV[3] .. ':' .. ARGV[2])
wake()
return 1

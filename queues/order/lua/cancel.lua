-- cancel: ask whoever runs these jobs to stop; the next renewal of their leases carries the wish.
--
-- KEYS[1]  base
-- ARGV     ids
-- returns  how many are on the list
redis.call('SADD', base .. 'cancels', unpack(ARGV))
redis.call('PEXPIRE', base .. 'cancels', 3600000)
return redis.call('SCARD', base .. 'cancels')

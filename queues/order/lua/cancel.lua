-- cancel: ask whoever runs these attempts to stop; the next renewal of their leases carries the wish. It names the
-- attempt: one that comes after its end must not stop the job's next run.
--
-- KEYS[1]  base
-- ARGV     "<token>|<id>"…
-- returns  how many are on the list
redis.call('SADD', base .. 'cancels', unpack(ARGV))
redis.call('PEXPIRE', base .. 'cancels', 3600000)
return redis.call('SCARD', base .. 'cancels')

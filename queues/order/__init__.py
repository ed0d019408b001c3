"""Order, leases and wake-ups in Redis: ids only, nothing that cannot be rebuilt from the rows."""

"""Django settings of each contender; servers come from the bench by DATABASE_URL and REDIS_URL."""

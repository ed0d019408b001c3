"""Production: everything is configured, nothing is guessed, and it refuses to start half safe."""

from settings.base import *
from settings.connections import databases
from settings.environment import InvalidVariable, database_url, env, redis_url
from settings.logs import logging
from settings.queueing import queue_settings

#: Shortest secret that is accepted, characters.
SHORTEST_SECRET = 50
#: Fewest different characters in it.
FEWEST_CHARACTERS = 10

#: Checks hold production to more than other ways of running.
PRODUCTION = True
DEBUG = False
if env.boolean("DEBUG", default=False):
    raise InvalidVariable("DEBUG", env.get("DEBUG"), "off in production: its pages show settings and data")

SECRET_KEY = env.text("SECRET_KEY", allowed="a random text; `python -c 'import secrets; print(secrets.token_hex(32))'`")
if (
    len(SECRET_KEY) < SHORTEST_SECRET
    or len(set(SECRET_KEY)) < FEWEST_CHARACTERS
    or SECRET_KEY.startswith(("django-insecure-", "development-only", "tests-only"))
):
    raise InvalidVariable(
        "SECRET_KEY",
        f"a text of {len(SECRET_KEY)} characters that is short, plain or published",
        f"random, of {SHORTEST_SECRET} characters or more, and nobody else's",
    )

ALLOWED_HOSTS = env.words("ALLOWED_HOSTS")
if not ALLOWED_HOSTS or "*" in ALLOWED_HOSTS:
    raise InvalidVariable("ALLOWED_HOSTS", env.get("ALLOWED_HOSTS"), "the site's host names, with commas between them")

_database_url = database_url()
if _database_url is None:
    raise InvalidVariable("DATABASE_URL", None, "set in production, which has no embedded PostgreSQL")
_redis_url = redis_url()
if _redis_url is None:
    raise InvalidVariable("REDIS_URL", None, "set in production (or REDIS_HOST), which has no embedded server")

DATABASES = databases(_database_url)
QUEUES = queue_settings(_redis_url)
LOGGING = logging(json=True)

CSRF_TRUSTED_ORIGINS = env.words("CSRF_TRUSTED_ORIGINS")
SECURE_SSL_REDIRECT = env.boolean("SECURE_SSL_REDIRECT", default=True)
SECURE_HSTS_SECONDS = env.integer("SECURE_HSTS_SECONDS", 31_536_000)
SECURE_HSTS_INCLUDE_SUBDOMAINS = True
SECURE_HSTS_PRELOAD = True
SESSION_COOKIE_SECURE = True
CSRF_COOKIE_SECURE = True
if env.boolean("BEHIND_TLS_PROXY", default=False):
    # Only when said: believed from anybody, the header would let a client claim a connection that it has not.
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

"""The entry for a WSGI server; it must be told DJANGO_SETTINGS_MODULE in production."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "settings.development")
application = get_wsgi_application()

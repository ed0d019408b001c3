"""What every way of running shares. Servers, secrets and switches are added by the module that imports this one."""

from pathlib import Path
from typing import Any

import django_stubs_ext

from monitoring.look import LOOK

# Lets `ModelAdmin[Job]` and `CharField[str, str]`, which strict typing wants, be written at run time too.
django_stubs_ext.monkeypatch()

BASE_DIR = Path(__file__).resolve().parent.parent

INSTALLED_APPS = [
    "monitoring.apps.MonitoringConfig",
    # The theme without a site of its own.
    "unfold.apps.BasicAppConfig",
    # Django's admin with our site.
    "monitoring.apps.SiteConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    # Before django_dramatiq, so that our `rundramatiq` is the one that is found.
    "queues",
    "django_dramatiq",
    "engagement",
    "rest_framework",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "monitoring.headers.SecurityHeaders",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "monitoring.headers.SecurityHeaders",
    "monitoring.zones.StaffZone",
]

AUTHENTICATION_BACKENDS = [
    "django.contrib.auth.backends.ModelBackend",
    # What a member of staff may do follows from the role at each workplace.
    "engagement.roles.MembershipBackend",
]

TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.debug",
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]

ROOT_URLCONF = "settings.urls"
WSGI_APPLICATION = "settings.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("de", "Deutsch")]
USE_I18N = True
# Unset, Django would move the process's zone to America/Chicago, and all log times with it.
TIME_ZONE = "UTC"
USE_TZ = True

STATIC_URL = "static/"
STATIC_ROOT = BASE_DIR / "staticfiles"
LOGIN_URL = "admin:login"
LOGIN_REDIRECT_URL = "admin:index"

UNFOLD = LOOK

AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]

#: Around every run, outermost first. TimeLimit is last: hooks after a run go in reverse, so it disarms first.
DRAMATIQ_MIDDLEWARE = [
    "queues.broker.middleware.Lifecycle",
    "dramatiq.middleware.CurrentMessage",
    "dramatiq.middleware.Callbacks",
    "dramatiq.middleware.Pipelines",
    "dramatiq.middleware.AsyncIO",
    "dramatiq.middleware.Retries",
    "dramatiq.middleware.ShutdownNotifications",
    "dramatiq.middleware.TimeLimit",
]
DRAMATIQ_BROKER: dict[str, Any] = {
    "BROKER": "queues.broker.LedgerBroker",
    "OPTIONS": {},
    "MIDDLEWARE": DRAMATIQ_MIDDLEWARE,
}
DRAMATIQ_AUTODISCOVER_MODULES = ["actors"]
DRAMATIQ_IGNORED_MODULES = ["django_dramatiq.tasks"]

"""The Django applications: what staff see of the queues, and the admin site that carries it."""

from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig


class MonitoringConfig(AppConfig):
    """The admin's pages about queues and jobs. It has no tables of its own."""

    name = "monitoring"
    verbose_name = "Monitoring"
    default = True


class SiteConfig(AdminConfig):
    """Django's admin with our site as the default one; stands in INSTALLED_APPS for ``django.contrib.admin``."""

    default = False
    default_site = "monitoring.site.StaffSite"

#!/usr/bin/env python
"""Run a Django command with the development settings, unless DJANGO_SETTINGS_MODULE names others."""

import os
import sys


def main() -> None:
    """Hand the command line to Django."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "settings.development")
    from django.core.management import execute_from_command_line  # noqa: PLC0415  (the setting must be named first)

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()

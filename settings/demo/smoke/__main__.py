"""`python -m settings.demo.smoke`, as `manage.py smoke` calls it: with LOCAL_DIR naming an empty folder of its own."""

import sys
from pathlib import Path

import django
from django.conf import settings


def main() -> int:
    """Run it all, print the table; 0 if everything was as expected, else 1."""
    django.setup()
    from settings.demo.interrupts import interruptible  # noqa: PLC0415  imports models
    from settings.demo.smoke.run import run  # noqa: PLC0415

    folder: Path = settings.LOCAL_DIR
    try:
        with interruptible():
            return run(folder)
    except KeyboardInterrupt:
        sys.stdout.write("Interrupted; everything has stopped.\n")
        return 1


if __name__ == "__main__":
    sys.exit(main())

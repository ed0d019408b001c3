"""What the clinic's tests share."""

from typing import Any

import pytest


@pytest.fixture(autouse=True)
def _misbehaving_adapter_allowed(settings: Any) -> None:
    settings.ENGAGEMENT = {"allow_failing_adapter": True}

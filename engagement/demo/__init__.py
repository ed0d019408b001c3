"""A clinic group to look at: made-up people, a week of visits, and one provider that misbehaves on purpose."""

from engagement.demo.staff import DemoLogin
from engagement.demo.summary import DemoSummary, create_demo_data

__all__ = ["DemoLogin", "DemoSummary", "create_demo_data"]

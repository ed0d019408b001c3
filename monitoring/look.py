"""How the admin looks: names, colours and navigation, as its theme wants them told. Imports no app."""

from typing import Any

#: Teal, in the steps of the theme's palette.
_PRIMARY = {
    "50": "oklch(98.4% .014 180.7)",
    "100": "oklch(95.3% .051 180.8)",
    "200": "oklch(91% .096 180.4)",
    "300": "oklch(85.5% .138 181.1)",
    "400": "oklch(77.7% .152 181.9)",
    "500": "oklch(70.4% .14 182.5)",
    "600": "oklch(52.5% .104 184.7)",
    "700": "oklch(46.5% .09 186.4)",
    "800": "oklch(40.5% .075 188.2)",
    "900": "oklch(35.5% .06 188.4)",
    "950": "oklch(27.7% .046 192.5)",
}

LOOK: dict[str, Any] = {
    "SITE_TITLE": "Patient Engagement",
    "SITE_HEADER": "Patient Engagement",
    "SITE_SUBHEADER": "Reminders and follow-up",
    "SITE_SYMBOL": "notifications_active",
    "SITE_URL": None,
    "SHOW_VIEW_ON_SITE": False,
    "COLORS": {"primary": _PRIMARY},
    "SITE_FAVICONS": [{"rel": "icon", "type": "image/svg+xml", "href": "monitoring.navigation.icon"}],
    "STYLES": ["monitoring.navigation.stylesheet"],
    "SCRIPTS": ["monitoring.navigation.script"],
    "SIDEBAR": {"show_search": False, "navigation": "monitoring.navigation.sidebar"},
}

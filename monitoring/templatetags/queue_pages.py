"""How the pages about queues show times, ids, states and waits. Everything is escaped by the templates themselves."""

import json
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django import template
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from monitoring.words import block, duration, relative, without_controls
from queues import scope

register = template.Library()


@register.simple_tag
def when(value: datetime | None, kind: str = "both", empty: str = "–") -> SafeString:
    """A time on the page's clock: ``both`` (time and how long ago), ``time``, ``full`` (zone named) or ``ago``."""
    if value is None:
        return format_html('<span class="q-subtle">{}</span>', empty)
    local = timezone.localtime(value)
    same_year = local.year == timezone.localtime().year
    shown = f"{local.day} {local:%b %H:%M:%S}" if same_year else f"{local.day} {local:%b %Y %H:%M}"
    if kind == "full":
        shown = f"{local.day} {local:%b %Y, %H:%M:%S %Z}"
    ago = relative(value, timezone.now())
    if kind == "ago":
        shown, ago = ago, ""
    title = f"{local:%Y-%m-%d %H:%M:%S %Z} = {value:%Y-%m-%dT%H:%M:%S}Z"
    note = format_html('<br><span class="q-subtle q-small">{}</span>', ago) if kind == "both" else ""
    return format_html(
        '<time class="q-nowrap" datetime="{}" title="{}">{}</time>{}', value.isoformat(), title, shown, note
    )


@register.simple_tag
def at_tenant(value: datetime | None, tenant: str) -> SafeString | str:
    """The same instant on the clock of the job's workplace, if that is another than the page's."""
    if value is None or not tenant:
        return ""
    zone = scope.tenant_zone(tenant)
    if zone == timezone.get_current_timezone_name():
        return ""
    local = value.astimezone(ZoneInfo(zone))
    return format_html('<span class="q-subtle q-small">{} at the workplace</span>', f"{local:%H:%M %Z}")


@register.simple_tag
def page_zone() -> str:
    """Name of the page's zone, as people say it."""
    return timezone.get_current_timezone_name().replace("_", " ")


@register.filter
def short_id(value: UUID | str) -> str:
    """The last part of a UUID: of version 7, the part in which neighbours differ."""
    return f"…{str(value)[-12:]}"


@register.filter
def plain(value: Any) -> str:
    """Text of unknown origin for one line: control characters and direction marks shown as codes."""
    return without_controls(str(value))


@register.filter
def block_text(value: Any) -> str:
    """Text of unknown origin in several lines."""
    return block(str(value))


@register.filter
def pretty(value: Any) -> str:
    """JSON for reading."""
    return block(json.dumps(value, indent=2, ensure_ascii=False, default=str))


@register.filter
def lasted(milliseconds: float | None) -> str:
    """Milliseconds as words."""
    return "–" if milliseconds is None else duration(timedelta(milliseconds=milliseconds))


@register.filter
def lookup(mapping: dict[Any, Any], key: Any) -> Any:
    """``mapping[key]``, or the key itself."""
    return mapping.get(key, key)


@register.filter
def figure(value: int) -> str:
    """A count with its thousands apart."""
    return f"{value:,}"


@register.simple_tag
def sentence(text: str) -> SafeString:
    """A sentence in which what stands between backticks is code."""
    parts = enumerate(without_controls(text).split("`"))
    return format_html_join(
        "", "{}", ((format_html('<code class="q-mono">{}</code>', part) if odd % 2 else part,) for odd, part in parts)
    )

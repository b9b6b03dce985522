"""Moments in the words of the reader: their language, and their time zone if known."""

from datetime import datetime

from babel.dates import format_date, format_time, get_timezone
from flask_babel import get_locale

UNKNOWN_ZONE = "UTC"


def moment(at: datetime | None, zone: str | None) -> str | None:
    """Give day and time; with the zone's name where we do not know the reader's.

    Args:
        at: When; None gives None.
        zone: The reader's own, such as ``America/Sao_Paulo``.
    """
    if at is None:
        return None
    locale = get_locale()
    try:
        place = get_timezone(zone or UNKNOWN_ZONE)
    except LookupError:
        zone, place = None, get_timezone(UNKNOWN_ZONE)
    local = at.astimezone(place)
    day = format_date(local, "medium", locale=locale)
    time = format_time(local, "short", tzinfo=place, locale=locale)
    return f"{day} {time}" if zone else f"{day} {time} {UNKNOWN_ZONE}"


def day(at: datetime | None, zone: str | None) -> str | None:
    """Give the day alone."""
    if at is None:
        return None
    try:
        place = get_timezone(zone or UNKNOWN_ZONE)
    except LookupError:
        place = get_timezone(UNKNOWN_ZONE)
    return str(format_date(at.astimezone(place), "medium", locale=get_locale()))

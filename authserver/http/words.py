"""Moments and operators' texts in the words of the reader.

Their language, and their time zone if known.
"""

from collections.abc import Mapping
from datetime import datetime, tzinfo

from babel import Locale
from babel.dates import format_date, format_datetime, format_time, get_timezone
from flask_babel import get_locale

from authserver.core import details
from authserver.core.details import TYPE, Detail
from authserver.core.targets import Api
from authserver.http import language
from authserver.http.context import services, settings

UNKNOWN_ZONE = "UTC"
_UTC = get_timezone(UNKNOWN_ZONE)


def moment(at: datetime | None, zone: str | None) -> str | None:
    """Give day and time; with the zone's name where we do not know the reader's.

    Args:
        at: When; None gives None.
        zone: The reader's own, such as ``America/Sao_Paulo``.
    """
    if at is None:
        return None
    place = _place(zone)
    shown = _day_and_time(at.astimezone(place or _UTC), "medium", get_locale())
    return shown if place else f"{shown} {UNKNOWN_ZONE}"


def in_full(at: datetime, zone: str | None, locale: Locale | None = None) -> str:
    """Give day, time and the name of the zone, for who reads it somewhere, some day.

    Args:
        at: When.
        zone: The reader's own.
        locale: The reader's language; that which is spoken now unless another is meant.
    """
    locale = locale or get_locale()
    local = at.astimezone(_place(zone) or _UTC)
    name = format_datetime(local, "zzzz", locale=locale)
    return f"{_day_and_time(local, 'long', locale)} ({name})"


def day(at: datetime | None, zone: str | None) -> str | None:
    """Give the day alone."""
    return at and _day(at, zone, "medium", get_locale())


def day_in_full(at: datetime, zone: str | None, locale: Locale | None = None) -> str:
    """Give the day alone, its month in words."""
    return _day(at, zone, "long", locale or get_locale())


def _day(at: datetime, zone: str | None, size: str, locale: Locale | None) -> str:
    return str(format_date(at.astimezone(_place(zone) or _UTC), size, locale=locale))


def _place(zone: str | None) -> tzinfo | None:
    try:
        return get_timezone(zone) if zone else None
    except LookupError:
        return None


def _day_and_time(local: datetime, size: str, locale: Locale | None) -> str:
    day = format_date(local, size, locale=locale)
    time = format_time(local, "short", tzinfo=local.tzinfo, locale=locale)
    return f"{day} {time}"


def of_scope(scope: str) -> str | None:
    """Give what the owner of a scope says of it; None for scopes of our own."""
    catalogue = services().resources.catalogue()
    api = catalogue.apis.get(catalogue.owner(scope))
    return spoken(api.scopes[scope]) if api else None


def name_of(api: Api) -> str:
    """Give the name of an API."""
    return spoken(api.names) or api.name


def spoken(texts: Mapping[str, str]) -> str | None:
    """Choose among texts by language: the reader's, the server's, English, any."""
    ours = {language.match([tag]) or tag: text for tag, text in texts.items()}
    wishes = (language.chosen(), settings().default_language, "en")
    found = next((ours[tag] for tag in wishes if tag in ours), None)
    return found or next(iter(ours.values()), None)


def of_detail(detail: Detail) -> dict[str, object]:
    """Give an authorization detail in its operator's words, and what they leave out.

    Nothing is hidden: a field that the sentence does not name stands below it.
    """
    kind = services().detail_types.known()[detail[TYPE]]
    sentence = spoken(kind.texts) or kind.type
    more = details.unsaid(sentence, detail)
    return {
        "text": details.said(sentence, detail),
        "more": [
            {"name": name, "value": details.in_words(value)}
            for name, value in more.items()
        ],
    }

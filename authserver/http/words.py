"""Moments and operators' texts in the words of the reader.

Their language, and their time zone if known.
"""

from collections.abc import Mapping
from datetime import datetime

from babel.dates import format_date, format_time, get_timezone
from flask_babel import get_locale

from authserver.core import details
from authserver.core.details import TYPE, Detail
from authserver.core.targets import Api
from authserver.http import language
from authserver.http.context import services, settings

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

"""The first screen: figures, thirty days of them, and what wants somebody to look."""

from typing import Any

from flask import Response
from flask_babel import lazy_gettext

from authserver.console import charts, operators, show
from authserver.console.room import Room, Screen
from authserver.core.attention import Concern
from authserver.http.context import services

FIGURES: dict[str, Any] = {
    "users": lazy_gettext("People"),
    "activeSessions": lazy_gettext("Sessions now"),
    "signInsLastDay": lazy_gettext("Sign-ins in 24 hours"),
    "refusedLastDay": lazy_gettext("Refused in 24 hours"),
    "activeGrants": lazy_gettext("Grants of tokens now"),
    "clients": lazy_gettext("Apps"),
}
SERIES: tuple[tuple[Any, tuple[tuple[str, Any], ...]], ...] = (
    (
        lazy_gettext("Sign-ins"),
        (
            ("signIns", lazy_gettext("Let in")),
            ("refused", lazy_gettext("Refused")),
        ),
    ),
    (lazy_gettext("New accounts"), (("signUps", lazy_gettext("Accounts")),)),
    (lazy_gettext("Sessions begun"), (("sessions", lazy_gettext("Sessions")),)),
    (lazy_gettext("Grants of tokens"), (("grants", lazy_gettext("Grants")),)),
    (lazy_gettext("Letters"), (("letters", lazy_gettext("Letters")),)),
)
CONCERNS: dict[str, Any] = {
    "database-behind": lazy_gettext(
        "The database is not the one that this release expects. Run: authserver db status"
    ),
    "keys-missing": lazy_gettext("There is no key to sign with. No token is issued."),
    "limits-degraded": lazy_gettext(
        "Limits are counted by each process alone: their shared store does not answer."
    ),
    "letters-failed": lazy_gettext("Letters that were given up: %(num)s."),
    "letters-late": lazy_gettext(
        "Letters that have been waiting for more than ten minutes: %(num)s."
    ),
    "key-old": lazy_gettext("The key that signs is %(num)s days old. Rotate it."),
    "key-due": lazy_gettext(
        "The key that signs should be rotated within %(num)s days."
    ),
    "clients-may-move": lazy_gettext(
        "Apps that could have a stricter security profile, with nothing in the way: "
        "%(num)s."
    ),
    "clients-weak": lazy_gettext(
        "Apps with the loosest security profile, and something in the way of another: "
        "%(num)s."
    ),
}
"""What is said of each concern; one that we do not know speaks for itself."""

CURES: dict[str, tuple[str, str, dict[str, str]]] = {
    "keys-missing": ("keys:read", "list_keys", {}),
    "key-old": ("keys:read", "list_keys", {}),
    "key-due": ("keys:read", "list_keys", {}),
    "clients-may-move": ("clients:read", "list_clients", {}),
    "clients-weak": ("clients:read", "list_clients", {}),
    "database-behind": ("maintenance:read", "show_doctor", {}),
    "limits-degraded": ("maintenance:read", "show_doctor", {}),
    "letters-failed": ("mail:read", "list_letters", {"state": "failed"}),
    "letters-late": ("mail:read", "list_letters", {"state": "late"}),
}
"""Where something can be done: the permission, the screen, and its filters."""


def overview() -> Response:
    """Show figures; at most half a minute old."""
    found = services().overview.figures()
    days = [day["date"] for day in found["daily"]]
    drawn = [
        {
            "title": title,
            "names": [words for _, words in series],
            "chart": charts.draw(
                days, *([day[key] for day in found["daily"]] for key, _ in series)
            ),
        }
        for title, series in SERIES
    ]
    return show.render(
        "home",
        title=lazy_gettext("Overview"),
        figures=[(words, found[name]) for name, words in FIGURES.items()],
        charts=drawn,
        at=show.moment(found["at"]),
        concerns=_concerns() if operators.current().may("maintenance:read") else None,
    )


def _concerns() -> list[dict[str, Any]]:
    return [
        {
            "words": _said(one),
            "is_bad": one.is_bad,
            "is_advice": one.is_advice,
            "url": _cure_of(one),
        }
        for one in services().attention.concerns()
    ]


def _cure_of(one: Concern) -> str | None:
    """Give the screen where something can be done about it, to whoever may."""
    found = CURES.get(one.what)
    if found is None:
        return None
    permission, view, where = found
    return show.allowed(permission, f"console.{view}", **where)


def _said(one: Concern) -> str:
    return str(CONCERNS.get(one.what, one.what)) % {"num": one.count}


ROOM = Room(
    name="overview",
    title=lazy_gettext("Overview"),
    screens=(Screen("/overview", overview, "stats:read", "GET /admin/stats"),),
)

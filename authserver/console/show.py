"""Render a screen: the navigation by permission, where one is, what was just done."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from flask import Response, redirect, request, url_for
from flask_babel import gettext, lazy_gettext

from authserver.console import operators, room
from authserver.http import words
from authserver.http.pages import render as render_page

Trail = Sequence[tuple[Any, str]]
"""Words and address of what stands above a screen, from the room down."""

CONSOLE = lazy_gettext("Administration")
MOST_DONE = 10**6


def render(
    template: str,
    *,
    title: Any,
    trail: Trail = (),
    status: int = 200,
    links: dict[str, str | None] | None = None,
    **facts: Any,
) -> Response:
    """Render a screen of the console.

    Args:
        template: Its path under ``templates/console/``, without the ending.
        title: What it is; the heading, and the end of the breadcrumbs.
        trail: What stands between the room and it.
        status: The HTTP status.
        links: URLs by name; what is not there is not shown.
        facts: What this template wants beside.
    """
    operator = operators.current()
    return render_page(
        f"console/{template}.html",
        status=status,
        heading=title,
        operator={"email": operator.subject.email, "name": operator.subject.full_name},
        may=operator.may,
        navigation=navigation(),
        crumbs=_crumbs(trail),
        twin=_twin(),
        done=_done() if status < 400 else None,
        links={
            "account": url_for("web.account"),
            "logout": url_for("oidc.logout"),
            "reference": url_for("api-reference.docs"),
        }
        | (links or {}),
        **facts,
    )


def navigation() -> list[dict[str, Any]]:
    """Give the rooms that are open to whoever is here."""
    operator, place = operators.current(), room.here()
    return [
        {
            "name": one.name,
            "title": one.title,
            "url": url_for(one.front.name),
            "is_here": place is not None and place[0].name == one.name,
        }
        for one in room.rooms()
        if operator.may(one.front.needs)
    ]


def allowed(permission: str, endpoint: str, **where: Any) -> str | None:
    """Give the address of a screen to whoever may open it, and to nobody else."""
    may = operators.current().may(permission)
    return url_for(endpoint, **where) if may else None


def back_to(endpoint: str, done: str, **where: Any) -> Response:
    """Lead to a screen, which says what was done (RFC 9110 §15.4.4).

    Args:
        endpoint: Which.
        done: A word of the room's ``done``.
        where: Its parameters; ``count`` is the number in the words.
    """
    return redirect(url_for(endpoint, done=done, **where), 303)  # type: ignore[return-value]


def moment(at: datetime | None) -> str | None:
    """Give a moment in the words and the time zone of whoever is here."""
    return words.moment(at, operators.current().subject.timezone)


def here_with(**changed: Any) -> str:
    """Give the address of this page with some of its query changed; None drops one."""
    query = {**request.args.to_dict(), **changed}
    query.pop("done", None)
    kept = {name: value for name, value in query.items() if value not in (None, "")}
    return f"{request.path}?{urlencode(kept)}" if kept else request.path


def _crumbs(trail: Trail) -> list[tuple[Any, str]]:
    place = room.here()
    if place is None:
        return []
    found, screen = place
    if screen is found.front:
        return []
    top = [(gettext("Administration"), url_for("console.index"))]
    if operators.current().may(found.front.needs):
        top.append((found.title, url_for(found.front.name)))
    return [*top, *trail]


def _twin() -> str | None:
    """Give the call of the JSON API that does what this screen does."""
    place = room.here()
    if place is None:
        return None
    method, _, path = place[1].call.partition(" ")
    plain = path.replace("<uuid:", "{").replace("<int:", "{").replace("<", "{")
    return f"{method} /v1{plain.replace('>', '}')}"


def _done() -> str | None:
    place, word = room.here(), request.args.get("done", "")
    said = place[0].done.get(word) if place else None
    if said is None:
        return None
    count = request.args.get("count", "")
    is_number = count.isascii() and count.isdigit() and int(count) <= MOST_DONE
    return str(said) % {"num": int(count) if is_number else 0}

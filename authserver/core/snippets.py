"""How an app is set up in libraries that many use, with its own values filled in."""

from collections.abc import Callable, Mapping

from authserver.core import security_profiles, snippets_apart, snippets_browser
from authserver.core import snippets_web as web
from authserver.core.snippet_parts import Snippet, Values, kind_of, values_of
from authserver.models import Client

Maker = Callable[[Values], Snippet]

MAKERS: Mapping[str, tuple[Maker, ...]] = {
    "web": (web.node_web, web.flask_web, web.apache_web),
    "spa": (
        snippets_browser.browser_spa,
        snippets_browser.react_spa,
        snippets_browser.angular_spa,
    ),
    **snippets_apart.MAKERS,
}
"""Three for each kind of app."""


def snippets_of(row: Client, issuer: str, *, must_push: bool = False) -> list[Snippet]:
    """Give the set-up of an app for three libraries; its secret is in none of them.

    Args:
        row: The app.
        issuer: Of this server.
        must_push: Whether every app must push its requests here (RFC 9126 §5).
    """
    wished = row.extra.get("require_pushed_authorization_requests") is True
    needs = security_profiles.of(row.profile).needs_par
    values = values_of(row, issuer, is_pushed=must_push or wished or needs)
    return [make(values) for make in MAKERS[kind_of(row)]]


def is_bound(row: Client) -> bool:
    """Whether its profile wants tokens bound to a key beside what a snippet says."""
    return security_profiles.of(row.profile).sender_constrained

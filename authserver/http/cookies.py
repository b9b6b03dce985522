"""Our cookies: the session, the id of the browser, and the API's tokens (C23).

By https all are ``__Host-`` (RFC 6265bis §4.1.3.2): no subdomain and no plain http can
set them.  On a loopback address over http they are named after the port, since cookies
do not tell ports apart.  SameSite=Lax and not Strict: a person comes from the app by a
link and must be known.
"""

from collections.abc import Iterator
from functools import cache
from urllib.parse import urlsplit

from flask import Response

from authserver.config import Settings
from authserver.crypto import opaque

BROWSER_AGE_SECONDS = 400 * 86400
MAX_BROWSER_ID = 64
MOST_ASIDE = 4
"""Sessions that lie beside the one that is signed in: five people in one browser."""


def session_name(settings: Settings) -> str:
    """Give the name of the session cookie."""
    return _name("session", settings)


def aside_names(settings: Settings) -> Iterator[str]:
    """Give the names of the cookies with the sessions of further people here."""
    return (_name(f"aside{place}", settings) for place in range(MOST_ASIDE))


def browser_name(settings: Settings) -> str:
    """Give the name of the cookie that knows a browser again."""
    return _name("browser", settings)


def access_name(settings: Settings) -> str:
    """Give the name of the cookie with an access token of the JSON API."""
    return _name("access", settings)


def refresh_name(settings: Settings) -> str:
    """Give the name of the cookie with a refresh token of the JSON API."""
    return _name("refresh", settings)


def csrf_name(settings: Settings) -> str:
    """Give the name of the cookie that scripts copy into ``X-CSRF-Token``."""
    return _name("csrf", settings)


def language_name(settings: Settings) -> str:
    """Give the name of the cookie that keeps the picked language."""
    return _name("language", settings)


def state_name(settings: Settings) -> str:
    """Give the name of the cookie that the frame of ``/check-session`` reads."""
    return _name("state", settings)


def _name(word: str, settings: Settings) -> str:
    return (
        f"__Host-{word}" if settings.is_secure else f"{word}_{_port(settings.issuer)}"
    )


@cache
def _port(issuer: str) -> int:
    return urlsplit(issuer).port or 80


def set_session(
    response: Response, value: str, settings: Settings, *, remember: bool
) -> None:
    """Hand the session to the browser; not remembered, it ends with the browser."""
    age = settings.family_ttl if remember else None
    seconds = age and age.total_seconds()
    _set(response, session_name(settings), value, settings, seconds)
    set_state(response, state_of(value), settings, seconds)


def clear_session(response: Response, settings: Settings) -> None:
    """Take the session from the browser."""
    _set(response, session_name(settings), "", settings, 0)
    set_state(response, "", settings, 0)


def set_aside(
    response: Response, name: str, value: str, settings: Settings, *, remember: bool
) -> None:
    """Lay a further session aside, for as long as it would have lasted in front."""
    age = settings.family_ttl if remember else None
    _set(response, name, value, settings, age and age.total_seconds())


def clear_aside(response: Response, name: str, settings: Settings) -> None:
    """Take a session that lay aside from the browser."""
    _set(response, name, "", settings, 0)


def state_of(value: str | None) -> str:
    """Give the state of a browser with this session cookie; empty without one.

    OIDC Session Management §3.2: it changes with the session, and is made of the public
    half of the handle, which cannot be had back from it; the secret has no part in it.
    """
    parts = opaque.split_handle(value)
    return opaque.fingerprint(f"session state|{parts[0]}") if parts else ""


def set_state(
    response: Response, state: str, settings: Settings, age: float | None = None
) -> None:
    """Let the frame see the state of this browser, on the pages of any app.

    A script reads it there, and it has to come along to a frame of another site.
    """
    if settings.session_management:
        response.set_cookie(
            state_name(settings),
            state,
            max_age=0 if not state else None if age is None else int(age),
            path="/",
            secure=True,
            samesite="None",
        )


def set_browser(response: Response, value: str, settings: Settings) -> None:
    """Let the browser be known again."""
    _set(response, browser_name(settings), value, settings, BROWSER_AGE_SECONDS)


def set_tokens(
    response: Response,
    access: str,
    refresh: str,
    settings: Settings,
    *,
    lives: tuple[int, int],
) -> None:
    """Hand a pair of tokens to the browser, out of reach of its scripts (C23).

    Args:
        response: The answer.
        access: The access token.
        refresh: The refresh token.
        settings: For the names and flags.
        lives: Seconds that each of them is good for.
    """
    _set(response, access_name(settings), access, settings, lives[0])
    _set(response, refresh_name(settings), refresh, settings, lives[1])


def clear_tokens(response: Response, settings: Settings) -> None:
    """Take the API's tokens from the browser."""
    for name in (access_name(settings), refresh_name(settings)):
        _set(response, name, "", settings, 0)


def set_csrf(response: Response, value: str, settings: Settings) -> None:
    """Let the front end's own scripts read the token: nobody else's can."""
    response.set_cookie(
        csrf_name(settings),
        value,
        path="/",
        secure=settings.is_secure,
        samesite="Lax",
    )


def set_language(response: Response, tag: str, settings: Settings) -> None:
    """Keep the language that the person picked."""
    _set(response, language_name(settings), tag, settings, BROWSER_AGE_SECONDS)


def _set(
    response: Response, name: str, value: str, settings: Settings, age: float | None
) -> None:
    response.set_cookie(
        name,
        value,
        max_age=None if age is None else int(age),
        path="/",
        secure=settings.is_secure,
        httponly=True,
        samesite="Lax",
    )

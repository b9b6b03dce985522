"""The providers that people may sign in with: read from the settings, and checked."""

import json
import re
from dataclasses import dataclass, field, fields
from typing import Any
from urllib.parse import urlsplit

LOOPBACK = ("localhost", "127.0.0.1", "::1")
NAME = re.compile(r"[a-z][a-z0-9-]{0,31}")
TAKEN = {"google", "github", "connections"}
"""Names with a meaning of their own in URLs."""
AUTH_METHODS = ("client_secret_basic", "client_secret_post")
SCOPE = "openid profile email"


@dataclass(frozen=True, kw_only=True)
class OidcProvider:
    """An OpenID Provider, as the operator described it."""

    name: str
    title: str
    issuer: str
    client_id: str
    client_secret: str = field(repr=False)
    scope: str = SCOPE
    auth_method: str = AUTH_METHODS[0]


def read(text: str) -> tuple[OidcProvider, ...]:
    """Read ``OIDC_PROVIDERS``.

    Raises:
        ValueError: It is not what it should be; says what, and repeats no value.
    """
    try:
        given = json.loads(text or "[]")
    except (ValueError, RecursionError):
        raise ValueError("must be JSON.") from None
    if not isinstance(given, list):
        raise ValueError("must be a list of objects.")  # noqa: TRY004 -- for operators
    found = tuple(_one(entry) for entry in given)
    names = [one.name for one in found]
    if len(set(names)) < len(names):
        raise ValueError("has two providers of one name.")
    return found


def _one(entry: Any) -> OidcProvider:
    known = {line.name for line in fields(OidcProvider)}
    if not isinstance(entry, dict) or not set(entry) <= known:
        raise ValueError(f"must be objects of {', '.join(sorted(known))}.")
    if not all(isinstance(value, str) for value in entry.values()):
        raise ValueError("must hold strings.")
    needed = ("name", "issuer", "client_id", "client_secret")
    if missing := [name for name in needed if not entry.get(name)]:
        raise ValueError(f"lacks {', '.join(missing)}.")
    made = OidcProvider(**{"title": entry["name"].title(), **entry})
    if not NAME.fullmatch(made.name) or made.name in TAKEN:
        raise ValueError("has a name that is taken, or not of letters, digits, dashes.")
    if made.auth_method not in AUTH_METHODS:
        raise ValueError(f"auth_method must be one of {', '.join(AUTH_METHODS)}.")
    if "openid" not in made.scope.split():
        raise ValueError("scope must hold openid.")
    return made


def is_good_url(url: str, *, is_production: bool) -> bool:
    """Whether a provider may live there: https; http on this machine, in tests."""
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        return False
    if parts.query or parts.fragment or not parts.hostname or parts.username:
        return False
    is_here = parts.scheme == "http" and parts.hostname in LOOPBACK
    return parts.scheme == "https" or (is_here and not is_production)

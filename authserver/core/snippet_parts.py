"""What a snippet is made of: the values of an app, each quoted for where it stands.

What a registration says is somebody's word, and an operator will paste it: so each value
is quoted as the language it stands in has it, and never joined in as it is.  The secret
is not known here, and a name stands in its place.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from authserver.core.client_metadata import DEVICE_CODE
from authserver.models import Client

SECRET = "OIDC_CLIENT_SECRET"
KEY_FILE = "client-key.pem"
NO_ADDRESS = "https://app.example/callback"
USUAL_SCOPE = "openid profile email"


@dataclass(frozen=True)
class Snippet:
    """What to paste for one library.

    Attributes:
        library: Its name.
        install: The command that gets it; empty where it comes with something.
        file: Where the text goes, as people call such files.
        text: The text.
        url: Where its documentation is.
    """

    library: str
    install: str
    file: str
    text: str
    url: str


@dataclass(frozen=True)
class Values:
    """What is filled in."""

    issuer: str
    client_id: str
    redirect_uri: str
    after_logout: str
    scope: str
    method: str
    """How it proves itself at the token endpoint."""
    is_pushed: bool
    """Whether its requests must be pushed (RFC 9126)."""


def values_of(row: Client, issuer: str, *, is_pushed: bool) -> Values:
    """Give what an app has registered; where it has no address, an example."""
    scope = " ".join(one for one in row.scope.split() if _is_usual(one))
    return Values(
        issuer=issuer,
        client_id=row.client_id,
        redirect_uri=next(iter(row.redirect_uris), NO_ADDRESS),
        after_logout=next(iter(row.post_logout_redirect_uris), ""),
        scope=scope or row.scope,
        method=row.token_endpoint_auth_method,
        is_pushed=is_pushed,
    )


def _is_usual(scope: str) -> bool:
    return scope in USUAL_SCOPE.split() or scope == "offline_access" or ":" in scope


def kind_of(row: Client) -> str:
    """Say how an app is set up: by what it may use, and whether it keeps a secret."""
    if DEVICE_CODE in row.grant_types:
        return "device"
    if "client_credentials" in row.grant_types and not row.response_types:
        return "machine"
    if row.token_endpoint_auth_method != "none":
        return "web"
    return "native" if row.extra.get("application_type") == "native" else "spa"


def quoted(text: str) -> str:
    """Write a string of JavaScript, Python or Kotlin."""
    plain = json.dumps(text)  # ASCII alone: no line separator, no mark of direction
    return plain.replace("$", "\\u0024").replace("<", "\\u003c")


def braced(text: str) -> str:
    """Write a string of Swift or Dart: the same, with its own escapes."""
    written = ""
    for letter in text:
        is_plain = letter.isascii() and letter.isprintable() and letter not in '"\\$'
        written += letter if is_plain else f"\\u{{{ord(letter):x}}}"
    return f'"{written}"'


def in_apache(text: str) -> str:
    """Write a word of Apache's configuration, where a variable is ``${NAME}``."""
    kept = "".join(letter for letter in text if letter.isprintable())
    for letter in ("\\", '"'):
        kept = kept.replace(letter, f"\\{letter}")
    return '"' + kept.replace("${", "%24{").replace("%{", "%25{") + '"'


def filled(text: str, quote: Callable[[str], str], values: Mapping[str, str]) -> str:
    """Fill a text in one go: what a value holds is not looked at again."""
    parts = text.split("@@")
    for place in range(1, len(parts), 2):
        parts[place] = quote(values[parts[place]])
    return "".join(parts).strip() + "\n"


def names_of(values: Values, **more: str) -> dict[str, str]:
    """Give the values by the names that a text has for them."""
    given: dict[str, Any] = vars(values)
    texts = {name: said for name, said in given.items() if isinstance(said, str)}
    texts["metadata"] = f"{values.issuer}/.well-known/openid-configuration"
    texts["path"] = urlsplit(values.redirect_uri).path or "/"
    return texts | {"token": f"{values.issuer}/token"} | more

"""What of a request may be kept and shown to operators: nothing that opens anything.

A list of what may be shown, not of what may not: a parameter that nobody has thought of
is kept as a name.  And what may be shown is looked at again, since an app that fails may
have put its secret into the wrong field.
"""

import re
from collections.abc import Iterable, Mapping
from urllib.parse import parse_qsl, urlsplit

SHOWN = frozenset(
    {"client_id", "response_type", "response_mode", "scope", "prompt", "max_age"}
    | {"acr_values", "ui_locales", "claims_locales", "display", "grant_type", "iss"}
    | {"code_challenge_method", "token_type_hint", "client_assertion_type"}
    | {"audience", "requested_token_type", "subject_token_type", "actor_token_type"}
    | {"requested_expiry", "resource", "redirect_uri", "post_logout_redirect_uri"}
    | {"request_uri"}
)
"""What is shown as it came, or as much of it as opens nothing."""

ADDRESSES = frozenset({"redirect_uri", "post_logout_redirect_uri", "request_uri"})
"""Of these, those whose query may hold anything."""

MEASURED = frozenset({"state", "nonce", "code_challenge", "code_verifier", "request"})
"""What is told by its length: RFC 7636 §4.1 has a shortest and a longest."""

HIDDEN = "…"
MOST_NAMES = 40
LONGEST_NAME = 64
LONGEST = 300
SHORTEST_SECRET = 6

Asked = dict[str, str | int | None]
"""Of each parameter a text, a length, or only that it was there."""

_TOKEN = re.compile(
    r"ey[A-Za-z0-9_-]{6,}\.[A-Za-z0-9_.-]*"  # a JWT, whole or cut
    r"|(?<![A-Za-z0-9_-])[A-Za-z0-9_-]{40,}(?![A-Za-z0-9_-])"  # an opaque secret
)
"""What looks like a token, wherever it stands: ours have 43 letters and more."""


def redact(params: Mapping[str, str]) -> Asked:
    """Give what may be kept of the parameters of a request."""
    hidden = secrets_of(params)
    kept: Asked = {}
    for name in sorted(params)[:MOST_NAMES]:
        value = params[name]
        told: str | int | None = None
        if name in SHOWN:
            plain = address(value) if name in ADDRESSES else value
            told = scrub(plain, hidden)
        elif name in MEASURED:
            told = len(value)
        kept[scrub(name, hidden, longest=LONGEST_NAME)] = told
    return kept


def secrets_of(params: Mapping[str, str]) -> list[str]:
    """Give the values that must not stand anywhere, the longest first."""
    found = {
        value
        for name, value in params.items()
        if name not in SHOWN and len(value) >= SHORTEST_SECRET
    }
    return sorted(found, key=len, reverse=True)


def scrub(text: str, hidden: Iterable[str] = (), *, longest: int = LONGEST) -> str:
    """Give a text without these values, without tokens, and of a bounded length.

    It is scrubbed before it is cut: half a token would no longer look like one.
    """
    for value in hidden:
        text = text.replace(value, HIDDEN)
    plain = "".join(ch if ch.isprintable() else " " for ch in _TOKEN.sub(HIDDEN, text))
    return plain if len(plain) <= longest else plain[: longest - 1] + HIDDEN


def address(uri: str) -> str:
    """Give a URI without what may be secret in it: user, query values, fragment."""
    try:
        parts = urlsplit(uri)
        names = [name for name, _ in parse_qsl(parts.query, keep_blank_values=True)]
    except ValueError:
        return HIDDEN
    host = parts.netloc.rpartition("@")[2]
    # A scheme of an app's own, or a URN, has no host: `com.example.app:/back`.
    before = f"{parts.scheme}://{host}" if host else f"{parts.scheme}:"
    query = "&".join(f"{name}={HIDDEN}" for name in names)
    plain = before + parts.path if parts.scheme else parts.path
    plain += f"?{query}" if query else ""
    return f"{plain}#{HIDDEN}" if parts.fragment else plain

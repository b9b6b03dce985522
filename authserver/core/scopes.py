"""Which scopes exist, and what each lets a client read (OIDC Core §5.4)."""

import re

from authserver.errors import InvalidScope

OFFLINE = "offline_access"

CLAIMS_OF: dict[str, tuple[str, ...]] = {
    "openid": ("sub",),
    "profile": (
        "name",
        "family_name",
        "given_name",
        "middle_name",
        "nickname",
        "preferred_username",
        "profile",
        "picture",
        "website",
        "gender",
        "birthdate",
        "zoneinfo",
        "locale",
        "updated_at",
    ),
    "email": ("email", "email_verified"),
    "address": ("address",),
    "phone": ("phone_number", "phone_number_verified"),
    OFFLINE: (),
    "roles": ("roles",),
    "institutions": ("institutions",),
}
"""Our scopes, and the claims that userinfo gives for each."""

SCOPE_OF = {claim: scope for scope, claims in CLAIMS_OF.items() for claim in claims}

_TOKEN = re.compile(r"[\x21\x23-\x5b\x5d-\x7e]+")  # RFC 6749 §3.3
MAX_LENGTH = 4096


def parse(text: str | None) -> tuple[str, ...]:
    """Split a scope parameter, in the order given, each once.

    Raises:
        InvalidScope: A character outside the grammar of RFC 6749 §3.3.
    """
    if text is None:
        return ()
    words = text.split(" ")
    found = tuple(dict.fromkeys(word for word in words if word))
    if len(text) > MAX_LENGTH or not all(_TOKEN.fullmatch(word) for word in found):
        raise InvalidScope("scope outside the grammar of RFC 6749 §3.3")
    return found


def narrow(asked: tuple[str, ...], allowed: str) -> tuple[str, ...]:
    """Keep what a client may ask for; what it may not is dropped (RFC 6749 §3.3).

    The answer says which scopes were granted whenever they differ.
    """
    may = set(allowed.split())
    return tuple(scope for scope in asked if scope in may)

"""What a client must register for some of its grants (OpenID CIBA §4, RFC 8693)."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from authserver.core import client_metadata, redirects

LOCAL = (*redirects.LOOPBACK, "localhost")
_ANSWERED_THERE = frozenset({"authorization_code", "implicit"})


def ciba_is_whole(members: Mapping[str, Any]) -> list[tuple[str, str]]:
    """No public client; an address where it is pinged; keys for what it signs."""
    if client_metadata.CIBA not in members["grant_types"]:
        return []
    found = []
    if members["token_endpoint_auth_method"] == "none":
        found.append(("grant_types", "A public client asks for nobody (CIBA §4)."))
    address = client_metadata.NOTIFICATION_ENDPOINT
    if members.get(client_metadata.DELIVERY_MODE) == "ping" and address not in members:
        found.append((address, "ping needs an address."))
    if members.get("backchannel_user_code_parameter"):
        found.append(("backchannel_user_code_parameter", "Is not supported."))
    signs = client_metadata.BACKCHANNEL_SIGNING_ALG in members
    if signs and not {"jwks", "jwks_uri"} & set(members):
        found.append(("jwks", "Signed requests need the client's public keys."))
    return found


def exchange_is_confidential(members: Mapping[str, Any]) -> list[tuple[str, str]]:
    """RFC 8693 §5: whoever held a token could otherwise exchange it."""
    is_public = members["token_endpoint_auth_method"] == "none"
    if is_public and client_metadata.TOKEN_EXCHANGE in members["grant_types"]:
        return [("grant_types", "A public client exchanges no tokens (RFC 8693 §5).")]
    return []


def strangers_ask_for_nobody(members: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Who registers itself may not have people asked, nor learn who has an account."""
    if client_metadata.CIBA in members["grant_types"]:
        return [("grant_types", "Ask the operator to register you for CIBA.")]
    return []


def web_is_https(members: Mapping[str, Any]) -> list[tuple[str, str]]:
    """OIDC Registration §2, ``application_type``.

    Who uses no flow that ends at a redirect URI, such as a command line that waits for a
    device code, is never answered there: what it calls itself says nothing then.
    """
    is_answered_there = _ANSWERED_THERE & set(members["grant_types"])
    if members["application_type"] != "web" or not is_answered_there:
        return []
    has_implicit = "implicit" in members["grant_types"]
    return [
        ("redirect_uris", f"{uri[:200]} must be https for a web application.")
        for uri in members["redirect_uris"]
        if (where := urlsplit(uri)).scheme != "https"
        or (has_implicit and where.hostname in LOCAL)
    ]


RULES = (ciba_is_whole, exchange_is_confidential)
FOR_STRANGERS = (web_is_https, strangers_ask_for_nobody)

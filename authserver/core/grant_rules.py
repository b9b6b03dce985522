"""What a client must register for some of its grants (OpenID CIBA §4, RFC 8693)."""

from collections.abc import Mapping
from typing import Any

from authserver.core import client_metadata


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


RULES = (ciba_is_whole, exchange_is_confidential)
FOR_STRANGERS = (strangers_ask_for_nobody,)

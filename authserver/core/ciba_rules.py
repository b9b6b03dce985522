"""What a client must register that asks for people elsewhere (OpenID CIBA §4)."""

from collections.abc import Mapping
from typing import Any

from authserver.core import client_metadata


def is_whole(members: Mapping[str, Any]) -> list[tuple[str, str]]:
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

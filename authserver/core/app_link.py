"""The link that starts a sign-in at a client (OIDC Core §4)."""

from urllib.parse import urlencode

from authserver.core import redirects
from authserver.errors import Conflict, InvalidInput

INITIATE = "initiate_login_uri"


def start_of(
    uri: str | None,
    *,
    issuer: str,
    target: str | None = None,
    hint: str | None = None,
) -> str:
    """Give the address that makes a client send the person to us.

    Args:
        uri: The client's ``initiate_login_uri``.
        issuer: Us: the client may know several.
        target: Where in the client the person is to end; the client has to look at it.
        hint: Whom to expect, as ``login_hint``.

    Raises:
        Conflict: The client has no such address.
        InvalidInput: The target is no address of the web.
    """
    if not uri:
        raise Conflict("no initiate_login_uri", public="The app cannot be started.")
    said = {"iss": issuer}
    if target:
        if why := redirects.fault_of(target, fragment_allowed=True):
            raise InvalidInput(fields={"target_link_uri": [f"It {why}."]})
        said["target_link_uri"] = target
    if hint:
        said["login_hint"] = hint
    return f"{uri}{'&' if '?' in uri else '?'}{urlencode(said)}"

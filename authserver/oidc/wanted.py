"""What a request for somebody who is elsewhere may ask: scopes, resources, details."""

from collections.abc import Mapping

from authserver.core import scopes
from authserver.core.apps import App
from authserver.core.polling import Wanted
from authserver.http.context import services


def read(params: Mapping[str, str], app: App) -> Wanted:
    """Read it, and refuse what no token could hold.

    Raises:
        InvalidScope: A scope outside the grammar, or of several APIs at once.
        InvalidTarget: A resource that is unknown or not for this client (RFC 8707 §2).
        InvalidDetails: Authorization details that are not of their type (RFC 9396 §5).
    """
    catalogue = services().resources.catalogue()
    resources = catalogue.asked(params.get("resource"), app)
    kept = catalogue.narrow(scopes.parse(params.get("scope")), app)
    details = services().detail_types.asked(params.get("authorization_details"), app)
    services().targeting.of_grant(kept, authorized=resources, details=details)
    return Wanted(kept, resources, details)

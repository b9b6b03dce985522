"""Admin: how an app is set up, and whether its keys are found."""

from typing import Any

from authserver.api.endpoint import endpoint
from authserver.api.schemas import admin_clients as schemas
from authserver.core import snippets
from authserver.core.snippet_parts import Snippet
from authserver.errors import NotFound
from authserver.http.context import services, settings


@endpoint(
    gives=schemas.SnippetResponse, many=True, who="clients:read", refuses=(NotFound,)
)
def client_snippets(client_id: str) -> list[Snippet]:
    """Give what to paste for three libraries, with this app's own values.

    Its secret is not known here; a name stands in its place.
    """
    row = services().clients.get(client_id)
    return snippets.snippets_of(
        row, settings().issuer, must_push=settings().require_par
    )


@endpoint(gives=schemas.KeyTrial, who="clients:update", refuses=(NotFound,))
def fetch_client_keys(client_id: str) -> dict[str, Any]:
    """Fetch what lies at the app's `jwks_uri` now, at most twice a minute.

    `fault` says why there is nothing, or why it is not of this moment.
    """
    app = services().clients.find(client_id)
    if app is None or not app.extra.get("jwks_uri"):
        raise NotFound(f"no jwks_uri of {client_id[:80]!r}")
    found, fault = services().client_key_sets.look_again(app)
    keys = [{"kid": kid, "kty": key.key_type} for kid, key in found.signing.items()]
    return {"jwks_uri": app.extra["jwks_uri"], "keys": keys, "fault": fault}


ROUTES = (
    ("GET", "/admin/clients/<client_id>/snippets", client_snippets),
    ("POST", "/admin/clients/<client_id>/jwks/fetch", fetch_client_keys),
)

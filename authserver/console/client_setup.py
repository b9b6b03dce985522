"""Set an app up: what to paste for three libraries; and whether its keys are found."""

import uuid

from flask import Response, request, url_for
from flask_babel import gettext

from authserver.console import show
from authserver.core import snippets
from authserver.core.snippet_parts import SECRET
from authserver.errors import NotFound
from authserver.http.context import services, settings


def show_setup(row_id: uuid.UUID) -> Response:
    """Show snippets with the values of this app; its secret is in none of them."""
    row = services().clients.at(row_id)
    found = snippets.snippets_of(
        row, settings().issuer, must_push=settings().require_par
    )
    return show.render(
        "client_setup",
        title=gettext("Set it up"),
        trail=[(row.name, url_for("console.show_client", row_id=row.id))],
        snippets=found,
        secret=SECRET if any(SECRET in one.text for one in found) else None,
        is_bound=snippets.is_bound(row),
        has_address=bool(row.redirect_uris) or not row.response_types,
    )


def fetch_keys(row_id: uuid.UUID) -> Response:
    """Fetch what lies at ``jwks_uri``, and say what was found or why not."""
    row = services().clients.at(row_id)
    app = services().clients.find(row.client_id)
    address = row.extra.get("jwks_uri")
    if app is None or not address:
        raise NotFound("no jwks_uri of a client that is open")
    keys, fault = None, ""
    if request.method == "POST":
        found, fault = services().client_key_sets.look_again(app)
        keys = [(kid, key.key_type) for kid, key in found.signing.items()]
    page = url_for("console.show_client", row_id=row.id)
    return show.render(
        "client_keys",
        title=gettext("Fetch its keys"),
        trail=[(row.name, page)],
        address=address,
        keys=keys,
        fault=fault,
        links={"back": page},
    )

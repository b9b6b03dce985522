"""What is known of one, who was told, and what one agreed to (LGPD art. 18)."""

import json
from typing import Any

from flask import Response

from authserver.api import actors
from authserver.api.endpoint import endpoint
from authserver.api.schemas.privacy import (
    ConsentRequest,
    ConsentResponse,
    ConsentsResponse,
    ExportQuery,
    GrantResponse,
)
from authserver.core.app_grants import AppGrant
from authserver.core.terms import Answer, Answers
from authserver.errors import NotFound, StepUpNeeded
from authserver.http.context import services
from authserver.http.pages import render

FILE = 'attachment; filename="my-data.html"'


@endpoint(takes=ConsentRequest, gives=ConsentResponse, status=201, once=True)
def give_consent(document: str, version: str | None, *, accepted: bool) -> Answer:
    """Accept terms or a notice, or take that back.

    Each answer is kept with its version, moment, address and browser, as the proof of
    it; none is ever changed. Where the operator has named the documents and versions in
    force, only those can be accepted.
    """
    return services().terms.record(
        actors.current().id, document=document, version=version, accepted=accepted
    )


@endpoint(gives=ConsentsResponse)
def list_consents() -> Answers:
    """List what one has agreed to, and the documents that wait for an answer."""
    return services().terms.list_of(actors.current().id)


@endpoint(gives=GrantResponse, many=True)
def list_grants() -> list[AppGrant]:
    """List the apps that were let in, and what each may read."""
    return services().app_grants.list_of(actors.current().id)


@endpoint(refuses=(NotFound,))
def withdraw_grant(client_id: str) -> None:
    """Put an app out: what it was allowed is forgotten, its tokens end at once."""
    services().app_grants.withdraw(actors.current().id, client_id)


@endpoint(
    query=ExportQuery, limit="lookup", refuses=(StepUpNeeded,), also=("text/html",)
)
def export(form: str) -> Any:
    """Give everything that is kept about oneself.

    Account, sessions, sign-ins, security log, apps, consents, letters; never a secret.
    `format=html` gives a page for reading instead. It needs a sign-in or a
    `POST /auth/reauthenticate` of the last ten minutes.
    """
    actor = actors.current()
    found = services().export.of(actor.id, session_id=actor.session_id)
    plain = json.loads(json.dumps(found, default=str))
    return _page(plain) if form == "html" else plain


def _page(found: dict[str, Any]) -> Response:
    response = render("web/export.html", data=found)
    response.headers["Content-Disposition"] = FILE
    return response


ROUTES = (
    ("POST", "/users/me/consent", give_consent),
    ("GET", "/users/me/consents", list_consents),
    ("GET", "/users/me/grants", list_grants),
    ("DELETE", "/users/me/grants/<client_id>", withdraw_grant),
    ("GET", "/users/me/export", export),
)

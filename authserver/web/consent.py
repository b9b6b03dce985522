"""Allow or deny a client (OIDC Core §3.1.2.4)."""

from typing import Any
from urllib.parse import urlsplit

from flask import Response, request, url_for

from authserver.core import claims, scopes
from authserver.core.apps import App
from authserver.core.details import Detail
from authserver.core.interactions import Interaction
from authserver.core.polling import Wanted
from authserver.core.redirects import LOOPBACK
from authserver.core.signed_in import SignedIn
from authserver.core.targets import Api
from authserver.errors import AuthError, NotFound
from authserver.http import words
from authserver.http.context import services, signed_in
from authserver.http.pages import render
from authserver.web.page import asking_app, go_on, see, switch, waiting, way_back

ALWAYS = frozenset({"openid", "profile", "email"})
"""What signing in with an account means; everything else may be unticked."""


def show_consent() -> Response:
    """Show who asks for what, in words."""
    row, app = _asked()
    who = signed_in()
    if who is None:
        return see("web.show_signin", interaction=row.id)
    target = urlsplit(way_back(row))
    return render(
        "web/consent.html",
        app=app,
        interaction=row.id,
        user={"name": who.full_name, "email": who.email},
        scopes=[words_of(scope) for scope in _needed(row, app)],
        resources=[words.name_of(api) for api in _apis(row, app)],
        details=[words.of_detail(one) for one in _details(row, app)],
        redirect_host=target.hostname,
        loopback=target.hostname in (*LOOPBACK, "localhost"),
        links={
            "switch": switch(row),
            "apps": url_for("web.apps"),
        },
    )


def consent() -> Response:
    """Note the answer; the dispatcher tells the app."""
    row, app = _asked()
    who = signed_in()
    if who is None:
        return see("web.show_signin", interaction=row.id)
    decision = request.form.get("decision")
    if decision == "deny":
        services().interactions.note_denial(row)
        return go_on(row)
    if decision != "allow":
        raise AuthError("decision is neither allow nor deny")
    _allow(row, app, who)
    return go_on(row)


def _allow(row: Interaction, app: App, who: SignedIn) -> None:
    ticked = set(request.form.getlist("scope"))
    needed = _needed(row, app)
    granted = [one for one in needed if one in ALWAYS or one in ticked]
    services().consents.remember(
        who.user_id,
        app.id,
        granted,
        resources=services().resources.catalogue().parse(row.request.get("resource")),
        details=services().detail_types.may_remember(_details(row, app)),
    )
    services().interactions.note_consent(row, who.user_id, granted)


def _asked() -> tuple[Interaction, App]:
    """Give the waiting interaction and its client.

    Raises:
        NotFound: There is none that waits; the page leads on to the sign-in.
    """
    row = waiting()
    app = asking_app(row)
    if row is None or app is None:
        raise NotFound(
            "no interaction waits for consent",
            public="This sign-in has already been finished or has waited too long.",
        )
    return row, app


def _needed(row: Interaction, app: App) -> list[str]:
    asked_scopes = scopes.parse(row.request.get("scope"))
    kept = services().resources.catalogue().narrow(asked_scopes, app)
    if "code" not in row.request.get("response_type", "code").split():
        # OIDC Core §11: nothing but a code leads to a refresh token.
        kept = tuple(scope for scope in kept if scope != scopes.OFFLINE)
    asked = claims.parse_request(row.request.get("claims"))
    return list(dict.fromkeys([*kept, *sorted(claims.scopes_of_request(asked))]))


def _apis(row: Interaction, app: App) -> list[Api]:
    """Give the APIs that are asked for, by name or by their scopes (ASVS 10.7.2)."""
    catalogue = services().resources.catalogue()
    named = catalogue.parse(row.request.get("resource"))
    target = services().targeting.of_grant(
        _needed(row, app), authorized=named, details=_details(row, app)
    )
    audience = target.audience
    return [catalogue.apis[one] for one in audience if one in catalogue.apis]


def _details(row: Interaction, app: App) -> tuple[Detail, ...]:
    text = row.request.get("authorization_details")
    return services().detail_types.asked(text, app)


def words_of_all(wanted: Wanted) -> dict[str, list[Any]]:
    """Give everything that is asked for as the templates want it."""
    catalogue = services().resources.catalogue()
    target = services().targeting.of_grant(
        wanted.scopes, authorized=wanted.resources, details=wanted.details
    )
    apis = [catalogue.apis[one] for one in target.audience if one in catalogue.apis]
    return {
        "scopes": [words_of(scope) for scope in wanted.scopes],
        "resources": [words.name_of(api) for api in apis],
        "details": [words.of_detail(one) for one in wanted.details],
    }


def words_of(scope: str) -> dict[str, object]:
    """Give a scope as the templates want it."""
    return {
        "name": scope,
        "text": words.of_scope(scope),
        "optional": scope not in ALWAYS,
        "checked": True,
    }

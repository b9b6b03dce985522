"""Render a page: what every template may rely on, and the page of a refusal."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from flask import Response, make_response, render_template, request, url_for

from authserver.core.apps import App
from authserver.core.brands import TEXTS, Brand
from authserver.errors import AuthError
from authserver.http import csrf, expiry, headers, language, noting, trace
from authserver.http.context import services, settings, signed_in


@dataclass
class Form:
    """A form as the page shows it again: what was typed, and what is wrong with it."""

    values: dict[str, str] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)
    error: str | None = None


def render(
    template: str,
    *,
    status: int = 200,
    app: App | None = None,
    interaction: object = None,
    links: dict[str, str | None] | None = None,
    looks: Brand | None = None,
    **facts: Any,
) -> Response:
    """Render a page.

    Args:
        template: Its path under ``templates/``.
        status: The HTTP status.
        app: The client that asks, shown on the page.
        interaction: The id that leads back to the authorization request.
        links: URLs by name; what is not there is not shown.
        looks: A brand that is tried on.
        facts: What this template wants beside.
    """
    tag = language.chosen()
    page = render_template(
        template,
        brand=brand(looks),
        client=client_facts(app),
        csrf_token=_token(facts),
        csp_nonce=headers.nonce(),
        trace_id=trace.current(),
        lang=tag,
        dir=language.direction(tag),
        languages=list(language.LANGUAGES.items()),
        interaction=str(interaction) if interaction else None,
        links=links or {},
        expiry=expiry.facts(interaction),
        **facts,
    )
    return make_response(page, status)


def _token(facts: Mapping[str, Any]) -> str:
    """Give the token of a page's forms; one that shows a person is theirs alone."""
    is_personal = bool(facts.get("user") or facts.get("operator"))
    who = signed_in() if is_personal else None
    return csrf.token_for(who.user_id) if who is not None else csrf.token()


def plain(template: str, **facts: Any) -> Response:
    """Render what is no page for people: without brand, words and forms."""
    return make_response(render_template(template, csp_nonce=headers.nonce(), **facts))


def brand(shown: Brand | None = None) -> dict[str, str]:
    """Give the looks of this deployment, or of a brand that is tried on."""
    chosen = shown or services().brands.current()
    said = {name: getattr(chosen, name) for name in TEXTS}
    return said | {
        "logo_url": brand_logo(chosen),
        "welcome": chosen.said_in(language.chosen()),
    }


def brand_logo(chosen: Brand) -> str:
    """Give where the logo of a brand is; one that was uploaded lies with us."""
    if chosen.logo:
        return url_for("web.brand_logo", digest=chosen.logo)
    return chosen.logo_url


def client_facts(app: App | None) -> dict[str, Any] | None:
    """Give what a page shows of a client; all of it is the client's own word.

    In the language of the page where the client speaks it (OIDC Registration §2.1).
    """
    if app is None:
        return None
    return {
        "name": said_by(app, "client_name") or app.name,
        "logo_uri": logo_of(app),
        "policy_uri": said_by(app, "policy_uri"),
        "tos_uri": said_by(app, "tos_uri"),
        "client_uri": said_by(app, "client_uri"),
        "host": host_of(app),
        "is_unverified": not is_trusted(app),
    }


def said_by(app: App, member: str) -> Any:
    """Give what a client says, in the language of this page or else in none."""
    tag = language.chosen().lower()
    by_tag = {
        name.partition("#")[2].lower(): value
        for name, value in app.extra.items()
        if name.startswith(f"{member}#")
    }
    near = next((t for t in by_tag if t.split("-")[0] == tag.split("-")[0]), None)
    return by_tag.get(tag) or by_tag.get(near or "") or app.extra.get(member)


def logo_of(app: App) -> str | None:
    """Give the address of the picture that we have of a client; it is one of ours."""
    if app.logo is None:
        return None
    return url_for("web.logo", client_id=app.id, digest=app.logo)


def host_of(app: App) -> str | None:
    """Give where a client is: where its document lies, its home page, its answers."""
    is_document = app.registered_by == "document"
    home = app.client_id if is_document else app.extra.get("client_uri")
    return urlsplit(home or next(iter(app.redirect_uris), "")).hostname


def is_trusted(app: App) -> bool:
    """Whether somebody vouches for a client, or this deployment asks nobody to."""
    return app.is_vouched_for or settings().registered_clients == "trusted"


def app_of(client_id: str | None) -> App | None:
    """Find the client to show on a page."""
    return services().clients.find(client_id) if client_id else None


def error_page(
    error: AuthError,
    *,
    links: dict[str, str | None] | None = None,
    app: App | None = None,
    is_technical: bool = False,
) -> Response:
    """Show a refusal: what happened, what to do next, and the trace id for help.

    Args:
        error: What was refused.
        links: The ways on.
        app: The client that asked.
        is_technical: What it says is for the app's developer; the person gets the
            sentence of its class.
    """
    seconds = getattr(error, "retry_after", None)
    facts = {
        "code": error.oauth if request.path.startswith("/authorize") else error.code,
        "message": language.translate(error.message if is_technical else error.public),
        "description": error.public if is_technical else None,
    }
    return render(
        "error.html",
        status=error.status,
        app=app,
        links=(links or {"signin": "/signin"}) | {"inspect": noting.link()},
        error=facts,
        heading=None,
        retry_after=language.duration(seconds) if seconds else None,
    )

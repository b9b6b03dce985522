"""`authserver client`: register an app, show, switch off, delete."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from authserver.cli.frame import core, emit, json_option
from authserver.cli.initial_tokens import initial_token
from authserver.core import app_link
from authserver.core.client_metadata import (
    AUTH_METHODS,
    GRANT_NAMES,
    GRANT_TYPES,
    LEGACY_GRANT_TYPES,
    PROFILES,
)
from authserver.core.clients import EVERY_SCOPE
from authserver.models import Client

LINKS = (
    "client_uri",
    "backchannel_logout_uri",
    "frontchannel_logout_uri",
    "initiate_login_uri",
)


@click.group()
def client() -> None:
    """Apps that ask for tokens."""


client.add_command(initial_token)


@client.command()
@click.option("--name", required=True, help="What people see.")
@click.option("--redirect-uri", "redirect_uris", multiple=True, help="May be repeated.")
@click.option("--post-logout-redirect-uri", "after_logout", multiple=True)
@click.option("--public", is_flag=True, help="It cannot keep a secret (SPA, native).")
@click.option("--profile", type=click.Choice(PROFILES), default="oidc")
@click.option("--auth-method", type=click.Choice(AUTH_METHODS))
@click.option(
    "--grant-type",
    "--grant",
    "grant_types",
    multiple=True,
    type=click.Choice([*GRANT_TYPES, *LEGACY_GRANT_TYPES, *GRANT_NAMES]),
    help="May be repeated.",
)
@click.option("--scope", default=EVERY_SCOPE, help="What it may ask for.")
@click.option("--jwks-file", type=click.Path(exists=True, path_type=Path))
@click.option("--jwks-uri", help="Where its public keys lie, instead of a file.")
@click.option(
    "--metadata-file",
    type=click.Path(exists=True, path_type=Path),
    help="Further members of its registration, as JSON (RFC 7591).",
)
@click.option("--client-uri", help="Its home page.")
@click.option("--resource", "resources", multiple=True, help="An API it may ask for.")
@click.option("--detail-type", "detail_types", multiple=True, help="RFC 9396; repeat.")
@click.option("--backchannel-logout-uri", help="Where it is told of a logout.")
@click.option("--frontchannel-logout-uri", help="The same, by the browser.")
@click.option("--initiate-login-uri", help="Where a sign-in to it begins.")
@click.option("--skip-consent", is_flag=True, help="It is yours: people are not asked.")
@json_option
def create(
    *,
    name: str,
    redirect_uris: tuple[str, ...],
    after_logout: tuple[str, ...],
    public: bool,
    auth_method: str | None,
    grant_types: tuple[str, ...],
    as_json: bool,
    **more: Any,
) -> None:
    """Register an app; its secret is shown once."""
    usual = ("authorization_code", "refresh_token")
    default = usual if redirect_uris else ("client_credentials",)
    jwks_file = more.pop("jwks_file")
    file = more.pop("metadata_file")
    told = json.loads(file.read_text()) if file else {}
    extra = {name: more.pop(name) for name in LINKS} | {
        "jwks_uri": more.pop("jwks_uri"),
        "resources": list(more.pop("resources")),
        "authorization_details_types": list(more.pop("detail_types")),
    }
    with core() as services:
        logo = services.logos.fetch(told.get("logo_uri"))
        row, secret = services.clients.register(
            name=name,
            redirect_uris=redirect_uris,
            post_logout_redirect_uris=after_logout,
            auth_method=auth_method or ("none" if public else "client_secret_basic"),
            grant_types=[GRANT_NAMES.get(one, one) for one in grant_types] or default,
            jwks=json.loads(jwks_file.read_text()) if jwks_file else None,
            extra=told | {name: value for name, value in extra.items() if value},
            **more,
        )
        services.logos.keep(row, logo)
        found = facts(row) | {"client_secret": secret}
    emit(found, as_json=as_json)


@client.command("list")
@json_option
def list_clients(*, as_json: bool) -> None:
    """List all apps."""
    with core() as services:
        found = [facts(row) for row in services.clients.list_all()]
    emit(found, as_json=as_json)


@client.command()
@click.argument("client_id")
@json_option
def show(*, client_id: str, as_json: bool) -> None:
    """Show one app."""
    with core() as services:
        found = facts(services.clients.get(client_id))
    emit(found, as_json=as_json)


@client.command()
@click.argument("client_id", required=False)
@json_option
def check(*, client_id: str | None, as_json: bool) -> None:
    """Say which security profile an app, or each, could move to, and what is in the way.

    The profiles are in docs/profiles.md.
    """
    with core() as services:
        rows = services.clients.list_all()
        asked = [services.clients.get(client_id)] if client_id else rows
        found = [
            {
                "client_id": row.client_id,
                "client_name": row.name,
                "profiles": [
                    asdict(move) | {"fits": move.fits}
                    for move in services.client_check.moves(row)
                ],
            }
            for row in asked
        ]
    text = "\n\n".join(_verdict(one) for one in found)
    emit(found[0] if client_id else found, as_json=as_json, text=text)


@client.command()
@click.argument("client_id")
@click.argument("profile", type=click.Choice(PROFILES))
@click.option("--anyway", is_flag=True, help="Though it was seen doing otherwise.")
@json_option
def move(*, client_id: str, profile: str, anyway: bool, as_json: bool) -> None:
    """Give an app another security profile, if nothing stands in the way.

    Its next request has to fit it; `check` says what that takes.
    """
    with core() as services:
        found = facts(services.client_check.move(client_id, profile, anyway=anyway))
    emit(found, as_json=as_json, text=f"{client_id} has {profile} now.")


def _verdict(checked: dict[str, Any]) -> str:
    lines = [f"{checked['client_name']}  {checked['client_id']}"]
    for move in checked["profiles"]:
        word = "nothing in the way" if move["fits"] else "not yet"
        if move["is_current"]:
            word = "now" if move["fits"] else "now, and does not fit"
        lines.append(f"  {move['profile']:10}{word}")
        for member, reasons in move["faults"].items():
            lines += [f"      {member}: {reason}" for reason in reasons]
        lines += [f"      {said}" for said in move["seen"]]
        if move["fits"]:
            lines += [f"      changes  {said}" for said in move["changes"]]
    return "\n".join(lines)


@client.command("login-link")
@click.argument("client_id")
@click.option("--target-link-uri", help="Where in the app the person is to end.")
@click.option("--login-hint", help="Who it is: an address, or a user name.")
@json_option
def login_link(
    *,
    client_id: str,
    target_link_uri: str | None,
    login_hint: str | None,
    as_json: bool,
) -> None:
    """Give a link that starts a sign-in at an app, for a portal or a letter."""
    with core() as services:
        uri = services.clients.get(client_id).extra.get(app_link.INITIATE)
        link = app_link.start_of(
            uri,
            issuer=services.settings.issuer,
            target=target_link_uri,
            hint=login_hint,
        )
    emit({"url": link}, as_json=as_json, text=link)


@client.command("rotate-secret")
@click.argument("client_id")
@json_option
def rotate_secret(*, client_id: str, as_json: bool) -> None:
    """Give a new secret; the one before lives for another week."""
    with core() as services:
        secret = services.clients.rotate_secret(client_id)
    emit({"client_id": client_id, "client_secret": secret}, as_json=as_json)


@client.command()
@click.argument("client_id")
@json_option
def delete(*, client_id: str, as_json: bool) -> None:
    """Remove an app with its tokens and consents."""
    with core() as services:
        services.clients.delete(client_id)
    emit(
        {"client_id": client_id, "deleted": True},
        as_json=as_json,
        text=f"Deleted {client_id} with its tokens and consents.",
    )


@client.command()
@click.argument("client_id")
@click.option("--reason", help="For the security log.")
@json_option
def disable(*, client_id: str, reason: str | None, as_json: bool) -> None:
    """Switch an app off for a while; nothing of it is lost."""
    with core() as services:
        row = services.client_switch.turn_off(client_id, by=None, reason=reason)
        found = facts(row)
    emit(found, as_json=as_json, text=f"{client_id} is off. Servers know in seconds.")


@client.command()
@click.argument("client_id")
@click.option("--reason", help="For the security log.")
@json_option
def enable(*, client_id: str, reason: str | None, as_json: bool) -> None:
    """Switch an app on again."""
    with core() as services:
        row = services.client_switch.turn_on(client_id, by=None, reason=reason)
        found = facts(row)
    emit(found, as_json=as_json, text=f"{client_id} is on. Servers know in seconds.")


def facts(row: Client) -> dict[str, Any]:
    """Give what is shown of a client, in the words of RFC 7591."""
    return {
        "client_id": row.client_id,
        "client_name": row.name,
        "profile": row.profile,
        "token_endpoint_auth_method": row.token_endpoint_auth_method,
        "grant_types": row.grant_types,
        "redirect_uris": row.redirect_uris,
        "post_logout_redirect_uris": row.post_logout_redirect_uris,
        "scope": row.scope,
        "skip_consent": row.skip_consent,
        "registered_by": row.registered_by,
        "disabled_at": row.disabled_at,
        "unused_until": row.unused_until,
        "created_at": row.created_at,
    }

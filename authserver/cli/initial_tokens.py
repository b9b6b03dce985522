"""`authserver client initial-token`: let somebody register clients (RFC 7591 §3)."""

from datetime import timedelta
from typing import Any

import click

from authserver.cli.frame import core, emit, json_option
from authserver.core.client_metadata import PROFILES
from authserver.models import InitialToken


@click.group("initial-token")
def initial_token() -> None:
    """Tokens to register clients with, where REGISTRATION is token or open."""


@initial_token.command()
@click.option("--uses", type=int, default=1, help="How many clients it may register.")
@click.option("--days", type=int, default=7, help="How long it is good.")
@click.option("--note", default="", help="What it is for.")
@click.option("--profile", type=click.Choice(PROFILES), default="oidc")
@json_option
def create(*, uses: int, days: int, note: str, profile: str, as_json: bool) -> None:
    """Make a token; it is shown once."""
    with core() as services:
        row, token = services.initial_tokens.create(
            uses=uses, life=timedelta(days=days), note=note, profile=profile
        )
        found = facts(row) | {"token": token}
    emit(found, as_json=as_json)


@initial_token.command("list")
@json_option
def list_tokens(*, as_json: bool) -> None:
    """List all tokens, the newest first; the tokens themselves are not kept."""
    with core() as services:
        found = [facts(row) for row in services.initial_tokens.list_all()]
    emit(found, as_json=as_json)


@initial_token.command()
@click.argument("token_id")
@json_option
def revoke(*, token_id: str, as_json: bool) -> None:
    """End a token; the clients it has registered stay."""
    with core() as services:
        found = facts(services.initial_tokens.revoke(token_id))
    emit(found, as_json=as_json, text=f"Revoked {found['id']}.")


def facts(row: InitialToken) -> dict[str, Any]:
    """Give what is shown of a token."""
    return {
        "id": str(row.id),
        "note": row.note,
        "profile": row.profile,
        "uses": row.uses,
        "uses_left": row.uses_left,
        "expires_at": row.expires_at,
        "last_used_at": row.last_used_at,
        "revoked_at": row.revoked_at,
    }

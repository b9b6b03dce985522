"""Admin: tokens with which somebody may register apps (RFC 7591 §3)."""

import uuid
from datetime import timedelta
from typing import Any

from authserver.api.endpoint import endpoint
from authserver.api.schemas import initial_tokens as schemas
from authserver.errors import NotFound
from authserver.http.context import services


@endpoint(gives=schemas.InitialTokenResponse, many=True, who="clients:read")
def list_initial_tokens() -> list[dict[str, Any]]:
    """List initial access tokens, the newest first."""
    return [_facts(row) for row in services().initial_tokens.list_all()]


@endpoint(
    takes=schemas.InitialTokenRequest,
    gives=schemas.InitialTokenResponse,
    who="clients:create",
    status=201,
    once=True,
)
def create_initial_token(
    uses: int, days: int, note: str, profile: str
) -> dict[str, Any]:
    """Make an initial access token; it is in this answer and in no other.

    Whoever holds it registers apps at `/register`, as many as it has uses.
    """
    row, token = services().initial_tokens.create(
        uses=uses, life=timedelta(days=days), note=note, profile=profile
    )
    return _facts(row) | {"token": token}


@endpoint(gives=schemas.InitialTokenResponse, who="clients:delete", refuses=(NotFound,))
def revoke_initial_token(token_id: uuid.UUID) -> dict[str, Any]:
    """End an initial access token; the apps it has registered stay."""
    return _facts(services().initial_tokens.revoke(str(token_id)))


def _facts(row: Any) -> dict[str, Any]:
    shown = (
        "id",
        "note",
        "profile",
        "uses",
        "uses_left",
        "created_at",
        "expires_at",
        "last_used_at",
        "revoked_at",
    )
    return {name: getattr(row, name) for name in shown}


ROUTES = (
    ("GET", "/admin/initial-tokens", list_initial_tokens),
    ("POST", "/admin/initial-tokens", create_initial_token),
    ("DELETE", "/admin/initial-tokens/<uuid:token_id>", revoke_initial_token),
)

"""Admin: the keys that tokens are signed with."""

from typing import Any

from authserver.api import actors
from authserver.api.endpoint import endpoint
from authserver.api.schemas import admin_keys as schemas
from authserver.errors import Conflict, NotFound
from authserver.http.context import services

SHOWN = ("kid", "alg", "state", "created_at", "activated_at", "retired_at")
"""Never the private half."""


@endpoint(gives=schemas.KeyResponse, many=True, who="keys:read")
def list_keys() -> list[dict[str, Any]]:
    """List signing keys, the oldest first, and when each may go on.

    `next` is published and does not sign yet, `active` signs, `retired` is published
    until the last token that it signed has ended (OIDC Core §10.1.1).
    """
    return [_facts(row) for row in services().keys.list_all()]


@endpoint(
    takes=schemas.RotateRequest,
    gives=schemas.KeyResponse,
    who="keys:rotate",
    refuses=(Conflict,),
    once=True,
)
def rotate_keys(
    alg: str,
    now: bool,  # noqa: FBT001 -- the wire's field
    reason: str | None,
) -> dict[str, Any]:
    """Let the next key sign, retire the one that did, publish another.

    Without `now` the next key must have been published for `KEY_OVERLAP`, so that
    whoever keeps our keys knows it.
    """
    by = actors.current().id
    row = services().keys.rotate(alg, at_once=now, by=by, reason=reason)
    return _facts(row)


@endpoint(takes=schemas.RetireRequest, who="keys:rotate", refuses=(NotFound, Conflict))
def retire_key(
    kid: str,
    now: bool,  # noqa: FBT001
    reason: str | None,
) -> None:
    """Take a retired key out of what is published.

    Without `now` no token that it signed may live any more; with it they are refused
    from then on.
    """
    by = actors.current().id
    services().keys.retire(kid, at_once=now, by=by, reason=reason)


def _facts(row: Any) -> dict[str, Any]:
    shown = {name: getattr(row, name) for name in SHOWN}
    return shown | {"ready_at": services().keys.ready_at(row)}


ROUTES = (
    ("GET", "/admin/keys", list_keys),
    ("POST", "/admin/keys/rotate", rotate_keys),
    ("DELETE", "/admin/keys/<thumbprint:kid>", retire_key),
)

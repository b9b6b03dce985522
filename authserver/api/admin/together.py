"""Admin: one thing done to many people; to all that are named, or to nobody."""

import uuid
from collections.abc import Sequence
from functools import partial

from authserver.api import actors
from authserver.api.endpoint import endpoint
from authserver.api.schemas import admin_users as schemas
from authserver.errors import Conflict, NotFound
from authserver.http.context import services

together = partial(
    endpoint,
    takes=schemas.TogetherRequest,
    gives=schemas.TogetherResponse,
    refuses=(NotFound, Conflict),
)


def _do(deed: str, ids: Sequence[uuid.UUID], reason: str | None) -> dict[str, int]:
    by = actors.current().subject
    return {"count": services().bulk.do(deed, by, ids, reason=reason)}


@together(who="users:lock")
def lock_users(ids: Sequence[uuid.UUID], reason: str | None) -> dict[str, int]:
    """Block many people, and end all their sessions and tokens.

    When one of them is refused nothing is done to anybody; `errors` names whom.
    """
    return _do("lock", ids, reason)


@together(who="users:lock")
def unlock_users(ids: Sequence[uuid.UUID], reason: str | None) -> dict[str, int]:
    """Let many people in again."""
    return _do("unlock", ids, reason)


@together(who="sessions:revoke")
def sign_out_users(ids: Sequence[uuid.UUID], reason: str | None) -> dict[str, int]:
    """End all sessions and tokens of many people, and tell them."""
    return _do("sign-out", ids, reason)


@together(who="users:delete")
def delete_users(ids: Sequence[uuid.UUID], reason: str | None) -> dict[str, int]:
    """Delete many people softly."""
    return _do("delete", ids, reason)


ROUTES = (
    ("POST", "/admin/users/together/lock", lock_users),
    ("POST", "/admin/users/together/unlock", unlock_users),
    ("POST", "/admin/users/together/sign-out", sign_out_users),
    ("POST", "/admin/users/together/delete", delete_users),
)

"""Admin: everybody's sessions, and the end of one."""

import uuid
from typing import Any

from authserver.api import actors
from authserver.api.endpoint import endpoint
from authserver.api.schemas import admin_sessions as schemas
from authserver.api.schemas.admin_users import ReasonRequest
from authserver.core.session_search import SessionsWanted
from authserver.errors import NotFound
from authserver.http.context import services
from authserver.http.paging import is_id, is_moment, read_cursor, write_cursor


@endpoint(query=schemas.SessionsQuery, gives=schemas.SessionPage, who="sessions:read")
def list_all_sessions(
    q: str | None,
    ip: Any,
    kind: str | None,
    ended: bool,  # noqa: FBT001 -- the wire's field
    limit: int,
    cursor: str | None,
) -> dict[str, Any]:
    """List everybody's sessions, the newest first.

    Those that are over are shown with `ended=true` only.
    """
    page = services().session_search.find(
        SessionsWanted(q, str(ip) if ip else None, kind, with_ended=ended),
        limit=limit,
        after=read_cursor(cursor, is_moment, is_id),
    )
    following = write_cursor(page.after) if page.after else None
    return {"sessions": page.rows, "nextCursor": following}


@endpoint(takes=ReasonRequest, who="sessions:revoke", refuses=(NotFound,))
def end_one_session(session_id: uuid.UUID, reason: str | None) -> None:
    """End one session of anybody, with the tokens that hang on it."""
    services().session_ending.end(actors.current().subject, session_id, reason=reason)


ROUTES = (
    ("GET", "/admin/sessions", list_all_sessions),
    ("DELETE", "/admin/sessions/<uuid:session_id>", end_one_session),
)

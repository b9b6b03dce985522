"""Admin: letters that wait, that go, and that were given up."""

import uuid
from typing import Any

from authserver.api import actors
from authserver.api.endpoint import endpoint
from authserver.api.schemas import admin_outbox as schemas
from authserver.api.schemas.admin_users import ReasonRequest
from authserver.core.outbox_search import LettersWanted, QueuedLetter
from authserver.errors import Conflict, NotFound
from authserver.http.context import services
from authserver.http.paging import is_id, is_moment, read_cursor, write_cursor


def _sees_addresses() -> bool:
    return actors.current().may("users:read")


@endpoint(query=schemas.OutboxQuery, gives=schemas.OutboxPage, who="mail:read")
def list_letters(
    state: str | None,
    letter: str | None,
    recipient: str | None,
    limit: int,
    cursor: str | None,
) -> dict[str, Any]:
    """List letters of the outbox, the newest first.

    `late` are those that have waited for more than ten minutes after their time;
    `failed` were tried twelve times and given up, with the reason in `fault`. What a
    letter says is never shown. Addresses are whole for whoever may see people.
    """
    page = services().outbox_search.find(
        LettersWanted(state, letter, recipient),
        limit=limit,
        after=read_cursor(cursor, is_moment, is_id),
        is_whole=_sees_addresses(),
    )
    following = write_cursor(page.after) if page.after else None
    return {"letters": page.rows, "nextCursor": following}


@endpoint(gives=schemas.QueuedLetterResponse, who="mail:read", refuses=(NotFound,))
def get_letter(letter_id: uuid.UUID) -> QueuedLetter:
    """Give one letter of the outbox, without what it says."""
    return services().outbox_search.get(letter_id, is_whole=_sees_addresses())


@endpoint(takes=ReasonRequest, who="mail:send", refuses=(NotFound, Conflict))
def retry_letter(letter_id: uuid.UUID, reason: str | None) -> None:
    """Try a letter at once, that waits or was given up, as often as a new one.

    Its codes and links are what they were, and may have run out. One that is sent, or
    is being sent at this moment, is refused: nobody gets it twice.
    """
    services().outbox_retry.again(letter_id, by=actors.current().id, reason=reason)


@endpoint(
    takes=schemas.RetryAllRequest, gives=schemas.RetryAllResponse, who="mail:send"
)
def retry_failed(confirm: str, reason: str | None) -> dict[str, int]:
    """Try every letter that was given up, at once and as often as a new one."""
    del confirm
    by = actors.current().id
    return {"letters": services().outbox_retry.all_failed(by=by, reason=reason)}


@endpoint(takes=ReasonRequest, who="mail:send", refuses=(NotFound, Conflict))
def drop_letter(letter_id: uuid.UUID, reason: str | None) -> None:
    """Remove a letter that was given up; nobody will get it."""
    services().outbox_retry.drop(letter_id, by=actors.current().id, reason=reason)


ROUTES = (
    ("GET", "/admin/outbox", list_letters),
    ("GET", "/admin/outbox/<uuid:letter_id>", get_letter),
    ("POST", "/admin/outbox/<uuid:letter_id>/retry", retry_letter),
    ("POST", "/admin/outbox/retry-failed", retry_failed),
    ("DELETE", "/admin/outbox/<uuid:letter_id>", drop_letter),
)

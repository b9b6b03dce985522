"""What somebody allowed elsewhere, and its client has not fetched, ends with the tokens.

A device's grant, or one that an app asked for (RFC 8628, OpenID CIBA), has no session
that could be locked.  Who ends a person's tokens takes the row of the grant itself, which
whoever redeems it takes too: one of the two is first, and the other sees it.  So it is
with an authorization code whose app is removed while its session goes on.
"""

import uuid

from sqlalchemy import ColumnElement, select, update
from sqlalchemy.orm import Session as DbSession
from sqlalchemy.orm import scoped_session

from authserver.models import (
    AuthorizationCode,
    BackchannelRequest,
    DeviceGrant,
    Session,
)

TABLES = (DeviceGrant, BackchannelRequest)


def end(
    db: scoped_session[DbSession],
    *,
    user_id: uuid.UUID | None = None,
    client_id: uuid.UUID | None = None,
) -> None:
    """End grants that are allowed and not redeemed; call it before families are ended.

    A client that is redeeming one at this moment is waited for: the family that it opened
    is there for the statement that follows.  Otherwise it is told that the time is over.

    Args:
        db: The transaction of the request.
        user_id: Of this person; else of everybody.
        client_id: Of this client alone.
    """
    for table in TABLES:
        which: list[ColumnElement[bool]] = [table.allowed_at.is_not(None)]
        if user_id is not None:
            which.append(table.user_id == user_id)
        if client_id is not None:
            which.append(table.client_id == client_id)
        _end(db, table, *which)


def end_codes(
    db: scoped_session[DbSession], *, user_id: uuid.UUID, client_id: uuid.UUID
) -> None:
    """End the authorization codes of one person at one client, in the same way.

    With a session its codes end by themselves: ``grants`` looks at it.
    """
    table = AuthorizationCode
    _end(db, table, table.user_id == user_id, table.client_id == client_id)


def _end(
    db: scoped_session[DbSession],
    table: type[AuthorizationCode | BackchannelRequest | DeviceGrant],
    *which: ColumnElement[bool],
) -> None:
    db.execute(
        update(table)
        .where(table.used_at.is_(None), *which)
        # As though it had never had time: nobody's clock can think otherwise.
        .values(expires_at=table.created_at)
        .execution_options(synchronize_session=False)
    )


def goes_on(db: scoped_session[DbSession], session_id: uuid.UUID) -> bool:
    """Whether a session goes on; locked until the commit, so that it stays so.

    Who ends it at the same moment waits for what is written meanwhile, and ends it too.
    """
    found = select(Session.is_active).where(Session.id == session_id)
    return db.scalar(found.with_for_update(read=True)) is True

"""Commit once, at the end; roll back on a refusal unless it must be remembered.

Status below 400 commits.  A refusal rolls back unless its class is ``recorded``.  All
else rolls back.  With it comes a discipline for the core: check first, write last.
"""

from flask import Response, g
from flask.ctx import _AppCtxGlobals as Noted

from authserver.errors import AuthError
from authserver.models import db

FIRST_REFUSAL = 400


def settle_refusal(error: AuthError) -> None:
    """Keep or drop what a refused request wrote; a view that catches calls this."""
    g.is_settled = True
    g.refusal = error
    if error.recorded:
        db.session.commit()
    else:
        db.session.rollback()


def keep_already() -> None:
    """Keep what has been written so far, whatever becomes of the request.

    For what is spent by being shown, such as the ``jti`` of an assertion: a refusal
    later on must not give it back.
    """
    db.session.commit()


def drop() -> None:
    """Forget what has been written since, when even that went wrong."""
    db.session.rollback()


def settle(response: Response, noted: Noted) -> None:
    """Commit or roll back what the request wrote.

    A request that never touched the database has no session, and none is made.
    """
    if noted.get("is_settled") or not db.session.registry.has():
        return
    if response.status_code < FIRST_REFUSAL:
        db.session.commit()
    else:
        db.session.rollback()

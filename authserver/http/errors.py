"""Any exception to an AuthError, and to the face that was asked.

Routing errors come before a blueprint is known, so the face is chosen by path.
"""

import logging
from collections.abc import Callable

from flask import Flask, Response, request
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from werkzeug.exceptions import HTTPException, InternalServerError

from authserver.errors import (
    AuthError,
    Gone,
    MethodNotAllowed,
    NotFound,
    ServerFault,
    TooLarge,
    TooManyTries,
    Unavailable,
    UnsupportedMedia,
)
from authserver.http import limits
from authserver.http.unit_of_work import settle_refusal
from authserver.models.engines import is_orphaned

log = logging.getLogger("authserver.refusal")
faults = logging.getLogger("authserver.fault")

Render = Callable[[AuthError], Response]
Face = tuple[str, tuple[str, ...], Render]
"""The first word of its blueprints' names, the paths it answers for, its renderer."""

BY_STATUS: dict[int, type[AuthError]] = {
    404: NotFound,
    405: MethodNotAllowed,
    413: TooLarge,
    414: TooLarge,
    415: UnsupportedMedia,
    431: TooLarge,
}


def translate(error: Exception) -> AuthError:
    """Give the refusal that an exception means; a bug is logged with its traceback."""
    if isinstance(error, InternalServerError) and error.original_exception is not None:
        # It came after the view, at the commit.
        return translate(error.original_exception)
    if isinstance(error, AuthError):
        return error
    if isinstance(error, HTTPException) and (error.code or 500) < 500:
        return _from_werkzeug(error)
    if isinstance(error, (OperationalError, PoolTimeout)):
        cause = getattr(error, "orig", None) or error  # the driver's is more precise
        faults.error("database: %s", type(cause).__name__)
        return Unavailable(type(cause).__name__)
    if isinstance(error, IntegrityError) and is_orphaned(error):
        # Another process has deleted it; here it was known for some seconds more.
        return Gone("a row of something that has been deleted")
    if isinstance(error, DBAPIError) and error.connection_invalidated:
        faults.error("database connection lost")
        return Unavailable("connection lost")
    faults.error("unhandled %s", type(error).__name__, exc_info=error)
    return ServerFault(type(error).__name__)


def _from_werkzeug(error: HTTPException) -> AuthError:
    if error.code == 429:
        return TooManyTries(str(error.description), retry_after=limits.wait() or 60)
    refusal = BY_STATUS.get(error.code or 400, AuthError)(type(error).__name__)
    methods = getattr(error, "valid_methods", None)
    if methods:
        refusal.headers = {"Allow": ", ".join(sorted(methods))}
    return refusal


def init_app(app: Flask, faces: list[Face]) -> None:
    """Answer every error in the words of the face that was asked.

    A matched address knows its face by its blueprint; what matched nothing has only
    its path to go by.

    Args:
        app: The application.
        faces: In order; the last one takes what no other claims.
    """

    def answer(error: Exception) -> Response:
        refusal = translate(error)
        settle_refusal(refusal)
        log.info(
            "refused", extra={"refusal": refusal.code, "detail": refusal.detail[:500]}
        )
        response = _draw(faces)(refusal)
        response.headers.update(refusal.headers)
        return response

    app.register_error_handler(Exception, answer)


def _draw(faces: list[Face]) -> Render:
    owner = (request.blueprint or "").partition("-")[0]
    for name, _, draw in faces:
        if name == owner:
            return draw
    for _, paths, draw in faces:
        if request.path.startswith(paths):
            return draw
    return faces[-1][2]

"""What is done to one app: another secret, off and on, deleted.

Each is a page that says what comes of it, and does it when it is sent.
"""

import uuid
from collections.abc import Callable

from flask import Response, url_for
from flask_babel import gettext

from authserver.console import asking, client_edit, operators, show
from authserver.core.clients import Client
from authserver.http.context import services


def rotate_secret(row_id: uuid.UUID) -> Response:
    """Give it another secret, which is shown once."""

    def act(row: Client, by: uuid.UUID, reason: str | None) -> Response:
        secret = services().clients.rotate_secret(row.client_id, by=by, reason=reason)
        return client_edit.show_secret(row, secret)

    return _ask(
        row_id,
        gettext("Give it a new secret"),
        gettext("The secret it has now works for another week."),
        act,
    )


def disable_client(row_id: uuid.UUID) -> Response:
    """Switch it off for a while."""

    def act(row: Client, by: uuid.UUID, reason: str | None) -> Response:
        services().client_switch.turn_off(row.client_id, by=by, reason=reason)
        return show.back_to("console.show_client", "disabled", row_id=row.id)

    return _ask(
        row_id,
        gettext("Switch the app off"),
        gettext(
            "It gets no token, and nobody can sign in to it. Tokens that it has are "
            "refused wherever we are asked. Nothing is lost: it can be switched on "
            "again."
        ),
        act,
    )


def enable_client(row_id: uuid.UUID) -> Response:
    """Switch it on again."""

    def act(row: Client, by: uuid.UUID, reason: str | None) -> Response:
        services().client_switch.turn_on(row.client_id, by=by, reason=reason)
        return show.back_to("console.show_client", "enabled", row_id=row.id)

    return _ask(
        row_id,
        gettext("Switch the app on"),
        gettext("What it had and has not ended is good again."),
        act,
    )


def delete_client(row_id: uuid.UUID) -> Response:
    """Delete it with its codes, tokens and consents; typed, so that it is the one."""

    def act(row: Client, by: uuid.UUID, reason: str | None) -> Response:
        services().clients.delete(row.client_id, by=by, reason=reason)
        return show.back_to("console.list_clients", "deleted")

    return _ask(
        row_id,
        gettext("Delete the app"),
        gettext("Its codes, its tokens and what people have allowed it end at once."),
        act,
        is_typed=True,
    )


def _ask(
    row_id: uuid.UUID,
    title: str,
    words: str,
    act: Callable[[Client, uuid.UUID, str | None], Response],
    *,
    is_typed: bool = False,
) -> Response:
    """Ask, with a reason; do it in the name of who is here."""
    row = services().clients.at(row_id)
    page = url_for("console.show_client", row_id=row.id)
    question = asking.Question(
        title=title,
        words=words,
        submit=title,
        back=page,
        of=[row.name, row.client_id],
        trail=[(row.name, page)],
        wants_reason=True,
        typed=row.name if is_typed else None,
        is_dangerous=True,
    )
    return asking.ask(question, lambda reason: act(row, operators.current().id, reason))

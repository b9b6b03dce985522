"""What is done to one app: another secret, off and on, deleted.

Each is a page that says what comes of it, and does it when it is sent.
"""

import uuid

from flask import Response, url_for
from flask_babel import gettext

from authserver.console import asking, client_edit, operators, show
from authserver.core.clients import Client
from authserver.http.context import services


def rotate_secret(row_id: uuid.UUID) -> Response:
    """Give it another secret, which is shown once."""
    row = services().clients.at(row_id)
    question = _question(
        row,
        gettext("Give it a new secret"),
        gettext("The secret it has now works for another week."),
    )

    def act(reason: str | None) -> Response:
        by = operators.current().id
        secret = services().clients.rotate_secret(row.client_id, by=by, reason=reason)
        return client_edit.show_secret(row, secret)

    return asking.ask(question, act)


def disable_client(row_id: uuid.UUID) -> Response:
    """Switch it off for a while."""
    row = services().clients.at(row_id)
    question = _question(
        row,
        gettext("Switch the app off"),
        gettext(
            "It gets no token, and nobody can sign in to it. Tokens that it has are "
            "refused wherever we are asked. Nothing is lost: it can be switched on "
            "again."
        ),
    )

    def act(reason: str | None) -> Response:
        by = operators.current().id
        services().client_switch.turn_off(row.client_id, by=by, reason=reason)
        return show.back_to("console.show_client", "disabled", row_id=row.id)

    return asking.ask(question, act)


def enable_client(row_id: uuid.UUID) -> Response:
    """Switch it on again."""
    row = services().clients.at(row_id)
    question = _question(
        row,
        gettext("Switch the app on"),
        gettext("What it had and has not ended is good again."),
    )

    def act(reason: str | None) -> Response:
        by = operators.current().id
        services().client_switch.turn_on(row.client_id, by=by, reason=reason)
        return show.back_to("console.show_client", "enabled", row_id=row.id)

    return asking.ask(question, act)


def delete_client(row_id: uuid.UUID) -> Response:
    """Delete it with its codes, tokens and consents; typed, so that it is the one."""
    row = services().clients.at(row_id)
    question = _question(
        row,
        gettext("Delete the app"),
        gettext("Its codes, its tokens and what people have allowed it end at once."),
        typed=row.name,
    )

    def act(reason: str | None) -> Response:
        by = operators.current().id
        services().clients.delete(row.client_id, by=by, reason=reason)
        return show.back_to("console.list_clients", "deleted")

    return asking.ask(question, act)


def _question(
    row: Client, title: str, words: str, *, typed: str | None = None
) -> asking.Question:
    page = url_for("console.show_client", row_id=row.id)
    return asking.Question(
        title=title,
        words=words,
        submit=title,
        back=page,
        of=[row.name, row.client_id],
        trail=[(row.name, page)],
        wants_reason=True,
        typed=typed,
        is_dangerous=True,
    )

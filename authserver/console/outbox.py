"""The outbox: letters that wait, that go, that were given up and why; sent again."""

import uuid
from typing import Any

from flask import Response, url_for
from flask_babel import gettext, lazy_gettext
from marshmallow import fields, validate

from authserver.console import asking, lists, operators, show
from authserver.console.room import Room, Screen
from authserver.core.outbox_retry import OVER
from authserver.core.outbox_search import STATES, LettersWanted, QueuedLetter
from authserver.core.specimens import NAMES
from authserver.http import forms
from authserver.http.context import services
from authserver.http.paging import is_id, is_moment

SAID: dict[str, tuple[Any, str]] = {
    "waiting": (lazy_gettext("Waiting"), ""),
    "late": (lazy_gettext("Late"), "bad"),
    "sending": (lazy_gettext("Being sent"), ""),
    "failed": (lazy_gettext("Given up"), "bad"),
    "refused": (lazy_gettext("Address refused"), "bad"),
    "sent": (lazy_gettext("Sent"), "good"),
}
"""What a letter's state is called, and how it looks."""


class Filters(forms.PageForm):
    """What the list is narrowed to; the same as ``GET /admin/outbox``."""

    state = fields.String(load_default=None, validate=validate.OneOf(STATES))
    letter = fields.String(load_default=None, validate=validate.OneOf(NAMES))
    recipient = forms.Trimmed(load_default=None, validate=validate.Length(3, 320))

    words = {  # noqa: RUF012 -- read like a constant
        "state": "Choose one of the list.",
        "letter": "Choose one of the list.",
        "recipient": "Enter an email address, such as name@example.com.",
    }


def list_letters() -> Response:
    """List letters, the newest first."""
    wanted, form = lists.read_filters(Filters(), {})
    rows, pages = [], {}
    if wanted is not None:
        page = services().outbox_search.find(
            LettersWanted(**wanted),
            limit=lists.PER_PAGE,
            after=lists.cursor(is_moment, is_id),
            is_whole=_sees_addresses(),
        )
        rows, pages = [_row(one) for one in page.rows], lists.pages(page)
    failed = services().overview.figures()["lettersFailed"]
    return show.render(
        "outbox",
        title=lazy_gettext("Outbox"),
        status=200 if wanted is not None else 422,
        form=form,
        letters=rows,
        pages=pages,
        is_narrowed=bool(form.values.keys() & Filters().fields.keys()),
        states=[(code, words) for code, (words, _) in SAID.items()],
        kinds=[(name, name) for name in NAMES],
        sees_addresses=_sees_addresses(),
        links={
            "self": url_for("console.list_letters"),
            "retry_all": (
                show.allowed("mail:send", "console.retry_failed") if failed else None
            ),
            "test": show.allowed("mail:send", "console.send_letter"),
        },
    )


def show_queued(letter_id: uuid.UUID) -> Response:
    """Show one letter, without what it says."""
    one = services().outbox_search.get(letter_id, is_whole=_sees_addresses())
    return show.render(
        "outbox_letter", title=one.letter, letter=_row(one), fault=one.fault
    )


def retry_letter(letter_id: uuid.UUID) -> Response:
    """Try one again."""
    question = _question(
        letter_id,
        gettext("Send the letter again"),
        gettext(
            "It is tried at once, and as often as a new one. Its codes and links are "
            "what they were, and may have run out."
        ),
    )

    def act(reason: str | None) -> Response:
        by = operators.current().id
        services().outbox_retry.again(letter_id, by=by, reason=reason)
        return show.back_to("console.show_queued", "again", letter_id=letter_id)

    return asking.ask(question, act)


def drop_letter(letter_id: uuid.UUID) -> Response:
    """Remove one that was given up."""
    question = _question(
        letter_id,
        gettext("Remove the letter"),
        gettext("Nobody will get it. That it was removed stays in the security log."),
        is_dangerous=True,
    )

    def act(reason: str | None) -> Response:
        by = operators.current().id
        services().outbox_retry.drop(letter_id, by=by, reason=reason)
        return show.back_to("console.list_letters", "dropped")

    return asking.ask(question, act)


def retry_failed() -> Response:
    """Try all that were given up."""
    question = asking.Question(
        title=gettext("Send all that were given up"),
        words=gettext(
            "Each is tried at once, and as often as a new one. Codes and links in them "
            "are what they were, and may have run out."
        ),
        submit=gettext("Send all"),
        back=url_for("console.list_letters", state="failed"),
        wants_reason=True,
        is_dangerous=True,
    )

    def act(reason: str | None) -> Response:
        by = operators.current().id
        count = services().outbox_retry.all_failed(by=by, reason=reason)
        return show.back_to("console.list_letters", "all-again", count=count)

    return asking.ask(question, act)


def _sees_addresses() -> bool:
    return operators.current().may("users:read")


def _question(
    letter_id: uuid.UUID, title: str, words: str, *, is_dangerous: bool = False
) -> asking.Question:
    one = services().outbox_search.get(letter_id, is_whole=_sees_addresses())
    page = url_for("console.show_queued", letter_id=letter_id)
    return asking.Question(
        title=title,
        words=words,
        submit=title,
        back=page,
        of=[f"{one.letter} · {one.recipient}"],
        trail=[(one.letter, page)],
        wants_reason=is_dangerous,
        is_dangerous=is_dangerous,
    )


def _row(one: QueuedLetter) -> dict[str, Any]:
    words, mood = SAID[one.state]

    def to(view: str, permission: str = "mail:send") -> str | None:
        return show.allowed(permission, f"console.{view}", letter_id=one.id)

    return {
        "letter": one.letter,
        "recipient": one.recipient,
        "owner_url": (
            show.allowed("users:read", "console.show_user", user_id=one.user_id)
            if one.user_id
            else None
        ),
        "state": {"words": words, "mood": mood},
        "attempts": one.attempts,
        "since": show.moment(one.created_at),
        "again": show.moment(one.next_try_at),
        "sent": show.moment(one.sent_at),
        "fault": one.fault,
        "url": to("show_queued", "mail:read"),
        "retry_url": (
            to("retry_letter") if one.state not in ("sending", "sent") else None
        ),
        "drop_url": to("drop_letter") if one.state in OVER else None,
    }


ONE, CALL = "/outbox/<uuid:letter_id>", "/admin/outbox/<uuid:letter_id>"

ROOM = Room(
    name="outbox",
    title=lazy_gettext("Outbox"),
    screens=(
        Screen("/outbox", list_letters, "mail:read", "GET /admin/outbox"),
        Screen(ONE, show_queued, "mail:read", f"GET {CALL}"),
        Screen(
            f"{ONE}/retry", retry_letter, "mail:send", f"POST {CALL}/retry", posts=True
        ),
        Screen(
            f"{ONE}/drop",
            drop_letter,
            "mail:send",
            f"DELETE {CALL}",
            posts=True,
            is_dangerous=True,
        ),
        Screen(
            "/outbox/retry-failed",
            retry_failed,
            "mail:send",
            "POST /admin/outbox/retry-failed",
            posts=True,
            is_dangerous=True,
        ),
    ),
    done={
        "again": lazy_gettext("The letter goes within seconds."),
        "dropped": lazy_gettext("The letter is removed."),
        "all-again": lazy_gettext("Letters that go again: %(num)s."),
    },
)

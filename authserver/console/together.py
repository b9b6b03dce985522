"""One deed for many people: chosen in the list, confirmed by a typed word."""

import uuid
from typing import Any

from flask import Response, request, url_for
from flask_babel import gettext, lazy_gettext

from authserver.console import asking, operators, said, show
from authserver.console.room import Screen
from authserver.core.bulk import MOST
from authserver.errors import (
    AuthError,
    Conflict,
    InvalidInput,
    NotFound,
    PermissionMissing,
)
from authserver.http.context import services

DONE = {
    "locked-all": lazy_gettext("Accounts locked: %(num)s."),
    "unlocked-all": lazy_gettext("Accounts open again: %(num)s."),
    "signed-out-all": lazy_gettext("People signed out everywhere: %(num)s."),
    "deleted-all": lazy_gettext("Accounts deleted: %(num)s."),
}


def lock_users() -> Response:
    """Lock many."""
    return _ask(
        "lock",
        gettext("Lock these accounts"),
        gettext("They cannot sign in, and every session and token ends at once."),
        done="locked-all",
    )


def unlock_users() -> Response:
    """Unlock many."""
    return _ask(
        "unlock",
        gettext("Unlock these accounts"),
        gettext("They can sign in again. A password locked by failures opens too."),
        done="unlocked-all",
    )


def sign_out_users() -> Response:
    """Sign many out."""
    return _ask(
        "sign-out",
        gettext("Sign these people out everywhere"),
        gettext("Every session and every token of every app ends. They are told."),
        done="signed-out-all",
    )


def delete_users() -> Response:
    """Delete many."""
    return _ask(
        "delete",
        gettext("Delete these accounts"),
        gettext(
            "They are signed out and cannot sign in. It can be restored for 30 days; "
            "then what says who it was is overwritten."
        ),
        done="deleted-all",
    )


_DEEDS: tuple[tuple[str, Any, str, Any], ...] = (
    ("lock", lock_users, "users:lock", lazy_gettext("Lock")),
    ("unlock", unlock_users, "users:lock", lazy_gettext("Unlock")),
    ("sign-out", sign_out_users, "sessions:revoke", lazy_gettext("Sign out")),
    ("delete", delete_users, "users:delete", lazy_gettext("Delete")),
)

SCREENS = tuple(
    Screen(
        f"/users/together/{deed}",
        view,
        needs,
        f"POST /admin/users/together/{deed}",
        posts=True,
        is_dangerous=True,
    )
    for deed, view, needs, _ in _DEEDS
)


def offered() -> list[dict[str, Any]]:
    """Give the deeds that whoever is here may do to many."""
    return [
        {"deed": deed, "words": words, "url": url_for(f"console.{view.__name__}")}
        for deed, view, needs, words in _DEEDS
        if operators.current().may(needs)
    ]


def _chosen() -> list[uuid.UUID]:
    """Give whom the URL names; what is no id names nobody.

    One more than may be: the core says that it is too many.
    """
    found = []
    for text in request.args.getlist("id")[: MOST + 1]:
        try:
            found.append(uuid.UUID(text))
        except ValueError:
            continue
    return list(dict.fromkeys(found))


def _ask(deed: str, title: str, words: str, *, done: str) -> Response:
    ids = _chosen()
    people = [services().administration.see(user_id) for user_id in ids]
    names = {str(one.id): f"{said.name_of(one)} ({one.email})" for one in people}
    question = asking.Question(
        title=title,
        words=words,
        submit=title,
        back=url_for("console.list_users"),
        of=list(names.values()),
        wants_reason=True,
        typed=f"{deed} {len(ids)}",
        is_dangerous=True,
    )

    def act(reason: str | None) -> Response:
        by = operators.current().subject
        try:
            count = services().bulk.do(deed, by, ids, reason=reason)
        except AuthError as refusal:
            raise _named(refusal, names) from refusal
        return show.back_to("console.list_users", done, count=count)

    return asking.ask(question, act)


def _named(refusal: AuthError, names: dict[str, str]) -> AuthError:
    """Say whom a refusal is about, and that nothing was done to anybody."""
    about = next((names[one] for one in refusal.fields if one in names), None)
    if about is None or not isinstance(
        refusal, (Conflict, NotFound, PermissionMissing)
    ):
        return refusal
    said_of_one = gettext(refusal.public)
    whole = gettext("Nothing was done. %(who)s: %(why)s", who=about, why=said_of_one)
    return InvalidInput(refusal.detail, fields={"ids": [whole]})

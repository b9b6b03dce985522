"""What is done to one person: lock, unlock, letters, sign out, delete, restore.

Each is a page that says what comes of it, and does it when it is sent.
"""

import uuid
from collections.abc import Callable
from typing import Any

from flask import Response
from flask_babel import gettext, lazy_gettext

from authserver.console import asking, operators, show
from authserver.console.room import Screen
from authserver.core.administration import may_act_on
from authserver.core.subjects import Subject
from authserver.core.users import User
from authserver.http.context import services

DONE = {
    "locked": lazy_gettext("The account is locked, and signed out everywhere."),
    "unlocked": lazy_gettext("The account is open again."),
    "verify-sent": lazy_gettext("A new letter to verify the address is on its way."),
    "reset-sent": lazy_gettext("A letter to choose another password is on its way."),
    "signed-out": lazy_gettext("They are signed out everywhere."),
    "deleted": lazy_gettext("The account is deleted. It can be restored for 30 days."),
    "restored": lazy_gettext("The account is restored."),
}


def lock_user(user_id: uuid.UUID) -> Response:
    """Block somebody, and end all their sessions and tokens."""
    return _ask(
        user_id,
        gettext("Lock the account"),
        gettext("They cannot sign in, and every session and token ends at once."),
        lambda reason: services().administration.lock(_by(), user_id, reason=reason),
        done="locked",
        is_dangerous=True,
    )


def unlock_user(user_id: uuid.UUID) -> Response:
    """Let somebody in again."""
    return _ask(
        user_id,
        gettext("Unlock the account"),
        gettext("They can sign in again. A password locked by failures opens too."),
        lambda reason: services().administration.unlock(_by(), user_id, reason=reason),
        done="unlocked",
    )


def resend_verification(user_id: uuid.UUID) -> Response:
    """Send a new letter to verify the address."""
    return _ask(
        user_id,
        gettext("Send the letter to verify again"),
        gettext("They get a new code and a new link. Those before end."),
        lambda reason: services().administration.resend_verification(
            _by(), user_id, reason=reason
        ),
        done="verify-sent",
    )


def reset_password(user_id: uuid.UUID) -> Response:
    """Send a letter to choose another password."""
    return _ask(
        user_id,
        gettext("Send a letter to choose another password"),
        gettext("The password they have works until then. Nobody else learns it."),
        lambda reason: services().administration.force_reset(
            _by(), user_id, reason=reason
        ),
        done="reset-sent",
    )


def sign_out_user(user_id: uuid.UUID) -> Response:
    """End all sessions and tokens of somebody."""
    return _ask(
        user_id,
        gettext("Sign out everywhere"),
        gettext("Every session and every token of every app ends. They are told."),
        lambda reason: services().administration.sign_out(
            _by(), user_id, reason=reason
        ),
        done="signed-out",
        is_dangerous=True,
    )


def delete_user(user_id: uuid.UUID) -> Response:
    """Delete somebody softly; typed, so that it is not the wrong one."""
    return _ask(
        user_id,
        gettext("Delete the account"),
        gettext(
            "They are signed out and cannot sign in. It can be restored for 30 days; "
            "then what says who it was is overwritten."
        ),
        lambda reason: services().administration.delete(_by(), user_id, reason=reason),
        done="deleted",
        is_dangerous=True,
        is_typed=True,
    )


def restore_user(user_id: uuid.UUID) -> Response:
    """Give a deleted account back."""
    return _ask(
        user_id,
        gettext("Restore the account"),
        gettext("They can sign in as before."),
        lambda reason: services().administration.restore(_by(), user_id, reason=reason),
        done="restored",
    )


def screens(one: str, call: str) -> tuple[Screen, ...]:
    """Give the addresses, below that of a person and of the call about one."""

    def deed(word: str, view: Any, needs: str, to: str, **more: Any) -> Screen:
        return Screen(f"{one}/{word}", view, needs, to, posts=True, **more)

    return (
        deed("lock", lock_user, "users:lock", f"POST {call}/lock", is_dangerous=True),
        deed("unlock", unlock_user, "users:lock", f"POST {call}/unlock"),
        deed(
            "resend-verify",
            resend_verification,
            "users:update",
            f"POST {call}/resend-verify",
        ),
        deed(
            "reset-password",
            reset_password,
            "users:reset_password",
            f"POST {call}/reset-password",
        ),
        deed(
            "sign-out",
            sign_out_user,
            "sessions:revoke",
            f"POST {call}/revoke-all",
            is_dangerous=True,
        ),
        deed(
            "delete", delete_user, "users:delete", f"DELETE {call}", is_dangerous=True
        ),
        deed("restore", restore_user, "users:delete", f"POST {call}/restore"),
    )


def offered(user: User, them: Subject) -> dict[str, str | None]:
    """Give the deeds that make sense for somebody, to whoever may do them."""
    if user.anonymised_at is not None or not may_act_on(_by(), them):
        return {}
    if user.deleted_at is not None:
        return {"restore": _to("users:delete", "restore_user", user)}
    is_denied = user.status in ("locked", "disabled")
    is_locked = is_denied or user.locked_until is not None
    links = {
        "edit": _to("users:update", "edit_user", user),
        "unlock": _to("users:lock", "unlock_user", user) if is_locked else None,
        "lock": None if is_denied else _to("users:lock", "lock_user", user),
        "sign_out": _to("sessions:revoke", "sign_out_user", user),
        "delete": _to("users:delete", "delete_user", user),
    }
    if not is_denied:
        links["reset"] = _to("users:reset_password", "reset_password", user)
    if not user.is_email_verified:
        links["verify"] = _to("users:update", "resend_verification", user)
    return links


def _to(permission: str, view: str, user: User) -> str | None:
    return show.allowed(permission, f"console.{view}", user_id=user.id)


def _by() -> Subject:
    return operators.current().subject


def _ask(
    user_id: uuid.UUID,
    title: str,
    words: str,
    do: Callable[[str | None], Any],
    *,
    done: str,
    is_dangerous: bool = False,
    is_typed: bool = False,
) -> Response:
    """Ask, do it, and lead back to the person."""
    user = services().administration.see(user_id)
    question = asking.about(
        user,
        title,
        words,
        typed=user.email if is_typed else None,
        is_dangerous=is_dangerous,
    )

    def act(reason: str | None) -> Response:
        do(reason)
        return show.back_to("console.show_user", done, user_id=user_id)

    return asking.ask(question, act)

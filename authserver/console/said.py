"""Words and moods for what the tables hold as codes."""

from typing import Any

from flask_babel import lazy_gettext

from authserver.core.directory import Listed
from authserver.core.users import User

STATUSES: dict[str, tuple[Any, str]] = {
    "pending_verification": (lazy_gettext("Not verified"), "warn"),
    "active": (lazy_gettext("Active"), "good"),
    "locked": (lazy_gettext("Locked"), "bad"),
    "disabled": (lazy_gettext("Disabled"), "bad"),
    "deleted": (lazy_gettext("Deleted"), "bad"),
}
"""What an account's status is called, and how it looks."""


def status_of(code: str) -> dict[str, Any]:
    """Give words and mood of a status; a code that we do not know speaks for itself."""
    words, mood = STATUSES.get(code, (code, ""))
    return {"words": words, "mood": mood}


def status_choices(*codes: str) -> list[tuple[str, Any]]:
    """Give statuses to choose from."""
    return [(code, STATUSES[code][0]) for code in codes]


def name_of(user: User | Listed) -> str:
    """Give what to call somebody: their name, else their address."""
    person = user.subject if isinstance(user, Listed) else user
    return person.full_name or person.email


def result_of(status: str) -> dict[str, Any]:
    """Give words and mood of how a try to sign in ended."""
    if status == "success":
        return {"words": lazy_gettext("Let in"), "mood": "good"}
    return {"words": lazy_gettext("Refused"), "mood": "warn"}

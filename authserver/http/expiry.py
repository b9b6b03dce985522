"""When an open page ends, and what it says before it does (WCAG 2.2 SC 2.2.1).

A request that waits, a half-done sign-in and a session all end.  Whatever a page belongs
to notes its end here; the page warns two minutes before and can be given more time.  Ends
that are more than twenty hours away are none by that rule.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from flask import g

from authserver.core.signed_in import SignedIn
from authserver.http import language, redirects
from authserver.http.context import services

FAR = timedelta(hours=20)
NEAR = timedelta(hours=3)
"""What is said at once to whom no script can warn."""
WARN_SECONDS = 120


@dataclass(frozen=True)
class End:
    """A moment, and whether a person may put it off."""

    at: datetime
    may_wait: bool


def note(at: datetime, *, may_wait: bool = True) -> None:
    """Note when what this page belongs to ends; the first of several ends counts."""
    known: End | None = g.get("page_ends")
    if known is None or at < known.at:
        g.page_ends = End(at, may_wait)


def note_session(who: SignedIn) -> None:
    """Note when a session ends that somebody uses: every few minutes its end moves on."""
    moved = services().sessions.touch(who.session_id) if who.is_stale else None
    note(moved or who.expires_at)


def left() -> int:
    """Give the whole seconds until the page ends; 0 when it belongs to nothing."""
    end: End | None = g.get("page_ends")
    if end is None:
        return 0
    return max(0, int((end.at - services().clock.now()).total_seconds()))


def facts(interaction: object) -> dict[str, Any] | None:
    """Give what a page says of its end; None where that is far away.

    Args:
        interaction: The request that the page belongs to, if it does.
    """
    end: End | None = g.get("page_ends")
    seconds = left()
    if end is None or seconds > FAR.total_seconds():
        return None
    key = str(interaction) if interaction else None
    here = redirects.this_page() or redirects.to("web.account")
    return {
        "left": seconds,
        "warn": WARN_SECONDS,
        "is_near": seconds <= NEAR.total_seconds(),
        "words": language.duration(seconds),
        "stay": redirects.to("web.stay", interaction=key) if end.may_wait else None,
        "here": here,
        "again": redirects.to("oidc.resume", interaction=key) if key else here,
    }

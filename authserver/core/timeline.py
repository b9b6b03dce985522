"""What happened to an account, for its owner: sign-ins and events in one list.

The two logs are read each by its own key and merged by time, so that a page goes on
exactly where the one before ended, however much is written meanwhile.
"""

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from authserver.core.logs import Logs, LogWanted

PAGE = 30


@dataclass(frozen=True)
class Happening:
    """One line of either log."""

    what: str
    """The tag of the event; or ``signin``, ``signin-refused`` and the like."""
    method: str | None
    at: datetime
    ip: str | None
    user_agent: str | None
    is_bad: bool


@dataclass(frozen=True)
class Stretch:
    """Some of it, the latest first, and where to go on; None at the end."""

    happenings: list[Happening]
    after: tuple[int, int] | None


@dataclass(frozen=True)
class Timeline:
    """Merges the logs."""

    logs: Logs

    def of(
        self, user_id: uuid.UUID, *, after: tuple[int, int] | None = None
    ) -> Stretch:
        """Give what happened to a user.

        Args:
            user_id: Whose.
            after: Where the page before ended: the last sign-in and the last event
                that were shown; a 0 means that none of its log was.
        """
        wanted = LogWanted(user_id=user_id)
        last_signin, last_event = after or (0, 0)
        signins = self.logs.sign_ins(
            wanted, limit=PAGE + 1, after=[last_signin] if last_signin else None
        ).rows
        events = self.logs.events(
            wanted, limit=PAGE + 1, after=[last_event] if last_event else None
        ).rows
        merged = [(row.created_at, 0, row.id, _signin(row)) for row in signins]
        merged += [(row.created_at, 1, row.id, _event(row)) for row in events]
        merged.sort(key=lambda one: one[:3], reverse=True)
        shown = merged[:PAGE]
        if len(merged) <= PAGE:
            return Stretch([one[3] for one in shown], None)
        return Stretch(
            [one[3] for one in shown],
            (_last(shown, 0, last_signin), _last(shown, 1, last_event)),
        )


def _last(shown: list[tuple[Any, int, int, Happening]], log: int, before: int) -> int:
    ids = [one[2] for one in shown if one[1] == log]
    return min(ids) if ids else before


def _signin(row: Any) -> Happening:
    is_bad = row.status != "success"
    kind = "signin" if row.action == "login" else "proof"
    what = f"{kind}-refused" if is_bad else kind
    return Happening(
        what, row.auth_method, row.created_at, row.ip_address, row.user_agent, is_bad
    )


def _event(row: Any) -> Happening:
    return Happening(
        row.event, None, row.created_at, row.ip_address, row.user_agent, is_bad=False
    )

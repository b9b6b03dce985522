"""What happened, read back: tries to sign in and lines of the security log.

By keyset: a page begins after the last row of the one before, whatever was added
meanwhile, and page 10,000 costs what page 1 costs.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, select

from authserver.models import LoginRecord, SecurityEvent
from authserver.models.engines import Reads

LARGEST = 2**63 - 1


@dataclass(frozen=True)
class Page:
    """Some rows, and the key that the next page begins after; None at the end."""

    items: Sequence[Row[Any]]
    after: int | None


_signins = select(
    LoginRecord.id,
    LoginRecord.action,
    LoginRecord.status,
    LoginRecord.auth_method,
    LoginRecord.failure_reason,
    LoginRecord.ip_address,
    LoginRecord.user_agent,
    LoginRecord.device_type,
    LoginRecord.location_country,
    LoginRecord.location_city,
    LoginRecord.created_at,
)
_events = select(
    SecurityEvent.id,
    SecurityEvent.event,
    SecurityEvent.actor_id,
    SecurityEvent.client_id,
    SecurityEvent.ip_address,
    SecurityEvent.user_agent,
    SecurityEvent.trace_id,
    SecurityEvent.reason,
    SecurityEvent.facts,
    SecurityEvent.created_at,
)


@dataclass(frozen=True)
class History:
    """Reads what was recorded of one person, the latest first."""

    reads: Reads

    def signins(self, user_id: uuid.UUID, *, limit: int, after: int | None) -> Page:
        """Give tries to sign in.

        Args:
            user_id: Whose.
            limit: How many at most.
            after: The key of the last row of the page before.
        """
        asked = _signins.where(LoginRecord.user_id == user_id)
        return self._page(asked, LoginRecord.id, limit=limit, after=after)

    def events(self, user_id: uuid.UUID, *, limit: int, after: int | None) -> Page:
        """Give lines of the security log about somebody, by whomever they were caused.

        Args:
            user_id: Whose.
            limit: How many at most.
            after: The key of the last row of the page before.
        """
        asked = _events.where(SecurityEvent.user_id == user_id)
        return self._page(asked, SecurityEvent.id, limit=limit, after=after)

    def _page(self, asked: Any, key: Any, *, limit: int, after: int | None) -> Page:
        start = LARGEST if after is None else after
        rows = self.reads.all(
            asked.where(key < start).order_by(key.desc()).limit(limit + 1)
        )
        items = rows[:limit]
        return Page(items, items[-1].id if len(rows) > limit else None)

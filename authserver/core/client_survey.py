"""All apps held against the security profiles at once: which are loose, which could move.

``client_check`` tells of one app what stands in the way; this counts, for the first
screen.  It reads each app once and looks at what they did in two statements, and keeps
what it found for a minute.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import select

from authserver.clock import Clock, is_fresh
from authserver.core.client_check import ClientCheck, Habits
from authserver.core.clients import OWN_CLIENT
from authserver.core.security_profiles import OIDC
from authserver.models import Client
from authserver.models.engines import Reads

KEEP = timedelta(minutes=1)
MOST_APPS = 2000
"""The newest: of more nobody looks at a number."""
_columns = (
    Client.id,
    Client.profile,
    Client.token_endpoint_auth_method,
    Client.response_types,
    Client.jwks,
    Client.extra.label("extra"),
)


@dataclass(frozen=True)
class Survey:
    """How many apps could have a stricter profile.

    Attributes:
        may_move: Those that fit one, with nothing in the way.
        are_weak: Those of the loosest profile, with something in the way of each other.
    """

    may_move: int
    are_weak: int


@dataclass
class ClientSurvey:
    """Counts apps."""

    reads: Reads
    clock: Clock
    check: ClientCheck
    _kept: tuple[datetime, Survey] | None = field(default=None, repr=False)

    def figures(self) -> Survey:
        """Give the counts; at most a minute old."""
        now = self.clock.now()
        if self._kept is None or not is_fresh(self._kept[0], now, KEEP):
            self._kept = (now, self._count())
        return self._kept[1]

    def _count(self) -> Survey:
        rows = self.reads.all(
            select(*_columns)
            .where(Client.disabled_at.is_(None), Client.client_id != OWN_CLIENT)
            .order_by(Client.created_at.desc())
            .limit(MOST_APPS)
        )
        habits, nothing = self.check.habits_of_all(), Habits(0, 0, 0)
        may_move = are_weak = 0
        for row in rows:
            if self.check.is_ready_for_more(row, habits.get(row.id, nothing)):
                may_move += 1
            elif row.profile == OIDC.name:
                are_weak += 1
        return Survey(may_move, are_weak)

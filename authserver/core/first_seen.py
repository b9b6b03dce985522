"""A sign-in from a device or a country where this user was not seen before.

Its owner is told in a letter, with one click to say "this was not me"; see ``rescue``.
"""

import ipaddress
import uuid
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import and_, bindparam, exists, select
from sqlalchemy.orm import Session as DbSession
from sqlalchemy.orm import scoped_session

from authserver.core.audit import Audit, EventTag
from authserver.core.challenges import Challenges, Purpose
from authserver.core.letters import Letters
from authserver.models import Session, User
from authserver.models.constants import Constant

DISOWN_LIFE = timedelta(days=7)
NEIGHBOURHOOD = {4: 24, 6: 48}
"""How much of an address is the same place still: a provider's customers move in it."""
MOST_ADDRESSES = 200

_other = and_(
    Session.user_id == bindparam("user_id"), Session.id != bindparam("session_id")
)
_seen = Constant(
    select(
        exists().where(_other).label("ever"),
        exists()
        .where(_other, Session.device_id == bindparam("device"))
        .label("device"),
        exists()
        .where(_other, Session.location_country == bindparam("country"))
        .label("country"),
        exists()
        .where(_other, Session.location_country.is_not(None))
        .label("any_country"),
    )
)


@dataclass(frozen=True)
class FirstSeen:
    """Notices strange sign-ins."""

    db: scoped_session[DbSession]
    challenges: Challenges
    letters: Letters
    audit: Audit

    def watch(self, user: User, session: Session) -> None:
        """Tell the owner of a session that has just begun in an unknown place.

        The first sign-in of all is told to nobody.  One statement more where a browser
        brings its cookie, two where a program does not.
        """
        if self._is_familiar(user.id, session):
            return
        issued = self.challenges.issue(
            Purpose.DISOWN, user.id, ttl=DISOWN_LIFE, session_id=str(session.id)
        )
        self.audit.record(
            EventTag.DEVICE_FIRST_SEEN, user_id=user.id, session=str(session.id)
        )
        self.letters.new_device(user, token=issued.token)

    def _is_familiar(self, user_id: uuid.UUID, session: Session) -> bool:
        asked = {
            "user_id": user_id,
            "session_id": session.id,
            "device": session.device_id,
            "country": session.location_country,
        }
        seen = _seen.first(self.db, asked)
        if seen is None or not seen.ever:
            return True
        # Where no country was ever looked up, a first one says nothing.
        is_abroad = session.location_country and seen.any_country and not seen.country
        if is_abroad:
            return False
        if session.device_id is not None:
            return bool(seen.device)
        return self._is_neighbour(user_id, session)

    def _is_neighbour(self, user_id: uuid.UUID, session: Session) -> bool:
        """A program without our cookie is known by its line and its network together."""
        nearby = _network(session.ip_address)
        addresses = self.db.scalars(
            select(Session.ip_address)
            .where(
                Session.user_id == user_id,
                Session.id != session.id,
                Session.user_agent == session.user_agent,
            )
            .distinct()
            .limit(MOST_ADDRESSES)
        )
        return any(_network(one) == nearby for one in addresses)


def _network(address: str | None) -> str | None:
    try:
        at = ipaddress.ip_address((address or "").partition("/")[0])
    except ValueError:
        return None
    size = NEIGHBOURHOOD[at.version]
    return str(ipaddress.ip_network((at, size), strict=False))

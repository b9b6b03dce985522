"""A sign-in from a device or a country where this user was not seen before.

Its owner is told in a letter, with one click to say "this was not me"; see ``rescue``.
"""

import ipaddress
import uuid
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import exists, select
from sqlalchemy.orm import Session as DbSession
from sqlalchemy.orm import scoped_session

from authserver.core.audit import Audit, EventTag
from authserver.core.challenges import Challenges, Purpose
from authserver.core.letters import Letters
from authserver.models import Session, User

DISOWN_LIFE = timedelta(days=7)
NEIGHBOURHOOD = {4: 24, 6: 48}
"""How much of an address is the same place still: a provider's customers move in it."""
MOST_ADDRESSES = 200


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
        earlier = (Session.user_id == user_id, Session.id != session.id)
        same_device = Session.device_id == session.device_id
        same_country = Session.location_country == session.location_country
        has_country = Session.location_country.is_not(None)
        seen = self.db.execute(
            select(
                exists().where(*earlier).label("ever"),
                exists().where(*earlier, same_device).label("device"),
                exists().where(*earlier, same_country).label("country"),
                exists().where(*earlier, has_country).label("any_country"),
            )
        ).one()
        if not seen.ever:
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

"""Whom a stream is about, in the words of RFC 9493.

A client that names somebody learns nothing from our answer: it is the same whether we
know them or not.
"""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import exists, or_, select
from sqlalchemy.orm import Session as DbSession
from sqlalchemy.orm import scoped_session

from authserver.config import Settings
from authserver.core.apps import App
from authserver.core.sectors import Sectors
from authserver.core.users import Users
from authserver.errors import AuthError
from authserver.models import (
    ClientConsent,
    EventStream,
    StreamSubject,
    TokenFamily,
    User,
)
from authserver.models.inserts import insert_into

FORMATS = {"iss_sub": ("iss", "sub"), "email": ("email",)}


@dataclass(frozen=True)
class StreamSubjects:
    """Finds people by what clients call them, and keeps who is in a stream."""

    db: scoped_session[DbSession]
    settings: Settings
    users: Users
    sectors: Sectors

    def include(self, stream: EventStream, app: App, subject: Any) -> None:
        """Add somebody, if they use the client, or it is the operator's own.

        Raises:
            AuthError: It is no subject that we could know.
        """
        user_id = self._find(app, subject)
        if user_id is not None and (app.skip_consent or self._uses(user_id, app)):
            self._note(stream, user_id, is_included=True)

    def exclude(self, stream: EventStream, app: App, subject: Any) -> None:
        """Take somebody out.

        Raises:
            AuthError: It is no subject that we could know.
        """
        user_id = self._find(app, subject)
        if user_id is not None:
            self._note(stream, user_id, is_included=False)

    def _find(self, app: App, subject: Any) -> uuid.UUID | None:
        """Read an identifier (RFC 9493 §3.2.2, §3.2.3)."""
        form = subject.get("format") if isinstance(subject, Mapping) else None
        members = FORMATS.get(form) if isinstance(form, str) else None
        if members is None:
            known = ", ".join(FORMATS)
            raise AuthError("subject", public=f"subject.format is one of {known}.")
        said = [subject.get(name) for name in members]
        if not all(isinstance(one, str) and one.isprintable() for one in said):
            raise AuthError("subject", public="The subject is not whole.")
        if form == "email":
            user = self.users.find_by_email(said[0])
            return user.id if user is not None else None
        if said[0] != self.settings.issuer:
            return None
        user_id = self.sectors.user_of(app, said[1])
        found = self.db.get(User, user_id) if user_id is not None else None
        return found.id if found is not None else None

    def _uses(self, user_id: uuid.UUID, app: App) -> bool:
        has = or_(
            *(
                exists().where(table.client_id == app.id, table.user_id == user_id)
                for table in (TokenFamily, ClientConsent)
            )
        )
        return bool(self.db.scalar(select(has)))

    def _note(
        self, stream: EventStream, user_id: uuid.UUID, *, is_included: bool
    ) -> None:
        row = insert_into(self.db, StreamSubject).values(
            stream_id=stream.id, user_id=user_id, is_included=is_included
        )
        self.db.execute(
            row.on_conflict_do_update(
                index_elements=["stream_id", "user_id"],
                set_={"is_included": is_included},
            )
        )

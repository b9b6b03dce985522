"""Whom a client knows a person as: the same everywhere, or its sector's own (Core §8).

Everything that tells a client a ``sub``, or is told one, asks here: ID tokens, access
tokens, userinfo, introspection, ``id_token_hint``, logout.
"""

import uuid
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from sqlalchemy import select
from sqlalchemy.orm import Session as DbSession
from sqlalchemy.orm import scoped_session

from authserver.core.apps import App
from authserver.crypto import pairwise
from authserver.crypto.sealed import Sealer
from authserver.errors import Unavailable
from authserver.models import Preference
from authserver.models.engines import Reads

NAME = "pairwise"
CONTEXT = b"pairwise subjects"


@dataclass(frozen=True)
class Sectors:
    """Turns people into subjects, and back."""

    db: scoped_session[DbSession]
    reads: Reads
    sealer: Sealer
    kept: list[bytes] = field(default_factory=list, repr=False)
    """The key, once it has been read: it never changes."""

    def ensure(self) -> None:
        """Make the key where it is missing; it is sealed, and never made again."""
        if self.db.get(Preference, NAME) is None:
            sealed = self.sealer.seal(pairwise.new_key(), CONTEXT)
            self.db.add(Preference(name=NAME, value={"sealed": sealed}))

    def sub_of(self, app: App, user_id: uuid.UUID) -> str:
        """Give the ``sub`` by which this client knows this user."""
        if not is_pairwise(app):
            return str(user_id)
        return pairwise.conceal(self._key(), sector_of(app), user_id)

    def user_of(self, app: App | None, sub: object) -> uuid.UUID | None:
        """Give the user whom this client knows by a ``sub``; None if that is nobody.

        Args:
            app: The client; None for one that is gone, and whose word is not known.
            sub: As hostile as it came.
        """
        if app is not None and is_pairwise(app):
            return pairwise.reveal(self._key(), sector_of(app), sub)
        try:
            return uuid.UUID(sub) if isinstance(sub, str) else None
        except ValueError:
            return None

    def sid_of(self, app: App, session_id: uuid.UUID) -> str:
        """Give the ``sid`` by which this client knows a session.

        One that all clients shared would tell them of one another whom they have in
        common, whatever the ``sub`` hides.
        """
        if not is_pairwise(app):
            return str(session_id)
        return pairwise.conceal(self._key(), f"sid {sector_of(app)}", session_id)

    def _key(self) -> bytes:
        if not self.kept:
            row = self.reads.first(
                select(Preference.value).where(Preference.name == NAME)
            )
            if row is None:
                raise Unavailable("no pairwise key: run `authserver db upgrade`")
            self.kept.append(self.sealer.open(row.value["sealed"], CONTEXT))
        return self.kept[0]


def is_pairwise(app: App) -> bool:
    """Whether this client is told identifiers of its own."""
    return app.extra.get("subject_type") == "pairwise"


def sector_of(app: App) -> str:
    """Give the sector: the host of its document, else of its redirect URI (§8.1)."""
    uris = [app.extra.get("sector_identifier_uri") or "", *app.redirect_uris]
    hosts = (urlsplit(uri).hostname for uri in uris if uri)
    return next((host for host in hosts if host), app.client_id)

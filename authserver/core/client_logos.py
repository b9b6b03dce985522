"""Logos of clients: fetched by us once, drawn anew, served from our own origin.

So a sign-in page sends nobody's browser to the client before the person has decided,
and what is shown is a picture and nothing else (OIDC Registration §2, ``logo_uri``).
"""

import hashlib
import logging
import uuid
from dataclasses import dataclass

from sqlalchemy import delete, select
from sqlalchemy.orm import Session as DbSession
from sqlalchemy.orm import scoped_session

from authserver.adapters.exchange import FetchFailed
from authserver.adapters.fetcher import Fetcher
from authserver.adapters.picture import NotAPicture, redraw
from authserver.clock import Clock
from authserver.models import Client, ClientLogo
from authserver.models.engines import Reads

MAX_BYTES = 1024 * 1024
OK = 200
log = logging.getLogger("authserver.logo")


@dataclass(frozen=True)
class ClientLogos:
    """Keeps one picture for each client that has one."""

    db: scoped_session[DbSession]
    reads: Reads
    clock: Clock
    fetcher: Fetcher

    def fetch(self, address: object) -> bytes | None:
        """Get a picture, before anything is written; None when there is none to show.

        A client without a picture is still a client, so a failure is only logged.
        """
        if not isinstance(address, str):
            return None
        try:
            answer = self.fetcher.get(address, max_bytes=MAX_BYTES)
            if answer.status != OK:
                raise FetchFailed(f"the answer is {answer.status}")
            return redraw(answer.body)
        except (FetchFailed, NotAPicture) as why:
            log.info("no logo", extra={"reason": f"{type(why).__name__}: {why}"[:200]})
            return None

    def keep(self, client: Client, picture: bytes | None) -> None:
        """Put a picture in the place of the one before it."""
        self.db.execute(delete(ClientLogo).where(ClientLogo.client_id == client.id))
        if picture is not None:
            self.db.add(
                ClientLogo(
                    client_id=client.id,
                    address=client.extra["logo_uri"],
                    image=picture,
                    digest=hashlib.sha256(picture).hexdigest()[:32],
                    fetched_at=self.clock.now(),
                )
            )

    def find(self, client_id: uuid.UUID, digest: str) -> bytes | None:
        """Give the PNG of a client, by its own id and digest."""
        row = self.reads.first(
            select(ClientLogo.image).where(
                ClientLogo.client_id == client_id, ClientLogo.digest == digest
            )
        )
        return bytes(row.image) if row is not None else None

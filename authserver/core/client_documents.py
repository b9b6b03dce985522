"""Clients whose id is the https URL of their metadata.

draft-ietf-oauth-client-id-metadata-document.  The document is fetched when somebody is
first sent here by such a client, and again when it has grown old; what is kept is a row
like any other.  Whoever controls the URL is the client, and its host is what people see.
"""

import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session as DbSession
from sqlalchemy.orm import scoped_session

from authserver.adapters.addresses import AddressRefused, read_url
from authserver.adapters.exchange import Answer, FetchFailed
from authserver.adapters.fetcher import Fetcher
from authserver.clock import Clock, is_fresh
from authserver.config import Settings
from authserver.core import client_metadata, client_rows, client_rules
from authserver.core.apps import App
from authserver.core.audit import Audit, EventTag
from authserver.core.client_logos import ClientLogos
from authserver.core.client_rules import Members
from authserver.core.clients import Clients
from authserver.core.limiter import Limiter
from authserver.core.registration import refuse
from authserver.errors import InvalidClientMetadata
from authserver.models import Client, ClientConsent

MAX_BYTES = 16 * 1024
MAX_URL = 1024
SHORTEST, USUAL, LONGEST = timedelta(minutes=5), timedelta(hours=1), timedelta(days=1)
"""How long a document is believed, whatever its server says of that."""

FAILURE_AGE = timedelta(minutes=1)
MOST_FAILURES = 1000
OK = 200
NEVER = ("client_secret", "client_secret_expires_at")
"""A document is public: a secret in it would be none (§4.1)."""

_MAX_AGE = re.compile(r"(?:^|[\s,])max-age=([0-9]{1,9})(?=$|[\s,])")


def is_document(client_id: str) -> bool:
    """Whether a client_id can be the URL of a document (§3): https, and with a path."""
    if not client_id.startswith("https://") or len(client_id) > MAX_URL:
        return False
    try:
        read_url(client_id)
    except AddressRefused:
        return False
    parts = urlsplit(client_id)
    has_dots = {".", ".."} & set(parts.path.split("/"))
    return (
        bool(parts.path) and not parts.query and "#" not in client_id and not has_dots
    )


@dataclass(frozen=True)
class ClientDocuments:
    """Keeps the clients that are documents."""

    db: scoped_session[DbSession]
    clock: Clock
    settings: Settings
    clients: Clients
    fetcher: Fetcher
    logos: ClientLogos
    limiter: Limiter
    audit: Audit
    failed: dict[str, datetime] = field(default_factory=dict, repr=False)
    """What could not be had lately: it is not asked for again at once."""

    def refresh(self, client_id: str, network: str) -> bool:
        """See that the row of a document is there and fresh; give whether it changed.

        An old row is kept in use while its server does not answer.

        Args:
            client_id: As hostile as it came.
            network: Who makes us ask: their tries are counted.

        Raises:
            InvalidClientMetadata: There is a document, and it is not a good one.
            TooManyTries: Too many unknown documents, from this network.
        """
        if not self.settings.client_id_documents or not is_document(client_id):
            return False
        known, now = self.clients.find(client_id), self.clock.now()
        if known is not None and not self._is_old(known, now):
            return False
        failed = self.failed.get(client_id)
        if failed is not None and is_fresh(failed, now, FAILURE_AGE):
            return False
        if known is None:
            row = self._row(client_id)
            if row is not None and row.disabled_at is not None:
                return False
            self.limiter.hit("documents:network", network)
        try:
            answer = self._fetch(client_id)
            members = self._checked(client_id, answer)
        except InvalidClientMetadata:
            self._note_failure(client_id, now)
            if known is None:
                raise
            return False
        logo = self.logos.fetch(members.get("logo_uri"))
        self._keep(client_id, members, logo, now + lifetime(answer))
        return True

    def _is_old(self, app: App, now: datetime) -> bool:
        is_ours = app.registered_by == "document"
        return is_ours and (app.fresh_until is None or app.fresh_until <= now)

    def _note_failure(self, client_id: str, now: datetime) -> None:
        if len(self.failed) >= MOST_FAILURES:
            self.failed.clear()
        self.failed[client_id] = now

    def _fetch(self, client_id: str) -> Answer:
        """Get the document itself: it says who it is, so nobody may lead elsewhere."""
        try:
            answer = self.fetcher.get(
                client_id,
                max_bytes=MAX_BYTES,
                headers={"Accept": "application/json"},
                most_redirects=0,
            )
            if answer.status != OK:
                raise FetchFailed(f"the answer is {answer.status}")
        except FetchFailed as why:
            said = "The metadata document of the app cannot be fetched."
            raise InvalidClientMetadata(str(why), public=said) from None
        return answer

    def _checked(self, client_id: str, answer: Answer) -> Members:
        """Read a document (§4.1): it names itself, and holds no secret."""
        try:
            given = answer.json()
        except FetchFailed as why:
            raise InvalidClientMetadata(str(why)) from None
        if not isinstance(given, dict) or given.get("client_id") != client_id:
            raise InvalidClientMetadata("the document is not of this client_id")
        if any(name in given for name in NEVER):
            raise InvalidClientMetadata("a secret in a public document")
        given.setdefault("token_endpoint_auth_method", "none")
        members, faults = client_rules.complete(given, self.clients.offer())
        refuse(faults)
        shared = client_metadata.needs_secret(members["token_endpoint_auth_method"])
        if shared or client_metadata.needs_readable_secret(members):
            raise InvalidClientMetadata("a document cannot share a secret with us")
        if members["subject_type"] != "public" or "sector_identifier_uri" in members:
            raise InvalidClientMetadata("a document has no sector")
        may = self.settings.registration_scopes
        asked = members.get("scope", " ".join(may)).split()
        members["scope"] = " ".join(one for one in asked if one in may)
        return members

    def _keep(
        self,
        client_id: str,
        members: Members,
        logo: bytes | None,
        fresh_until: datetime,
    ) -> None:
        row = self._row(client_id)
        if row is None:
            row = self._add(client_id, members)
        else:
            if set(members["redirect_uris"]) - set(row.redirect_uris):
                theirs = ClientConsent.client_id == row.id
                self.db.execute(delete(ClientConsent).where(theirs))
            client_rows.put(row, members)
            self.audit.record(EventTag.CLIENT_CHANGED, client_id=row.id, by="document")
        row.fresh_until = fresh_until
        self.logos.keep(row, logo)
        self.db.flush()
        self.clients.cache.pop(client_id, None)

    def _add(self, client_id: str, members: Members) -> Client:
        """Add the row; of two people who bring the same document at once, both may."""
        try:
            with self.db.begin_nested():
                row, _ = self.clients.add(
                    members,
                    client_id=client_id,
                    registered_by="document",
                    unused_until=self.clock.now()
                    + self.settings.registration_unused_ttl,
                )
        except IntegrityError:
            return self.clients.get(client_id)
        self.audit.record(
            EventTag.CLIENT_CREATED, client_id=row.id, name=row.name, by="document"
        )
        return row

    def _row(self, client_id: str) -> Client | None:
        return self.db.scalar(select(Client).where(Client.client_id == client_id))


def lifetime(answer: Answer) -> timedelta:
    """Give how long a document is believed: as its server says, within reason."""
    said = answer.headers.get("cache-control", "").lower()
    if "no-store" in said or "no-cache" in said:
        return SHORTEST
    found = _MAX_AGE.search(said)
    if found is None:
        return USUAL
    return min(max(timedelta(seconds=int(found[1])), SHORTEST), LONGEST)

"""Clients that register themselves, and look after it (RFC 7591, RFC 7592).

Who may is asked before anything is looked at: only then are URLs of strangers fetched.
What costs a use of an initial access token is done last, in one short transaction.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import delete, update
from sqlalchemy.orm import Session as DbSession
from sqlalchemy.orm import scoped_session

from authserver.clock import Clock
from authserver.config import Settings
from authserver.core import client_metadata, client_rows, client_rules
from authserver.core.apps import App
from authserver.core.audit import Audit, EventTag
from authserver.core.client_keys import Fault
from authserver.core.client_logos import ClientLogos
from authserver.core.client_rules import Members
from authserver.core.clients import Clients
from authserver.core.initial_tokens import InitialTokens, Pass
from authserver.core.keys import DEFAULT_ALG
from authserver.core.limiter import Limiter
from authserver.core.sector_documents import SectorDocuments
from authserver.core.software_statements import SoftwareStatements
from authserver.crypto import opaque
from authserver.errors import (
    InvalidClientMetadata,
    InvalidRedirectUri,
    InvalidToken,
    NotFound,
)
from authserver.models import Client, ClientConsent, ClientSecret

OURS = (
    "registration_access_token",
    "registration_client_uri",
    "client_secret_expires_at",
    "client_id_issued_at",
)
"""What we say and a client must not (RFC 7592 §2.2)."""

MAX_SAID = 400
_UNSAYABLE = re.compile(r"[^\x20-\x21\x23-\x3b\x3d\x3f-\x5b\x5d-\x7e]+")
"""What RFC 6749 §5.2 leaves out, and the brackets of markup: values are repeated."""


@dataclass(frozen=True)
class Registered:
    """A client as it is told of itself (RFC 7591 §3.2.1)."""

    members: Members
    client_id: str
    issued_at: int
    token: str
    secret: str | None = None


@dataclass(frozen=True)
class Registration:
    """Lets clients in, changes them, and lets them go."""

    db: scoped_session[DbSession]
    clock: Clock
    settings: Settings
    clients: Clients
    initial_tokens: InitialTokens
    statements: SoftwareStatements
    sector_documents: SectorDocuments
    logos: ClientLogos
    limiter: Limiter
    audit: Audit

    def admit(self, token: str | None, network: str) -> Pass | None:
        """Say who may register: with an initial access token, or without.

        Args:
            token: The bearer token of the request, if there is one.
            network: Whose tries are counted when there is none.

        Raises:
            NotFound: Nobody may.
            InvalidToken: The token is not good, or one is needed.
            TooManyTries: Too many without one, from this network.
        """
        mode = self.settings.registration
        if mode == "off":
            raise NotFound("REGISTRATION is off")
        if token is not None:
            return self.initial_tokens.look(token)
        if mode == "token":
            raise InvalidToken("an initial access token is needed")
        self.limiter.hit("registration:network", network)
        return None

    def register(self, given: Mapping[str, Any], shown: Pass | None) -> Registered:
        """Register a client (RFC 7591 §3.1).

        Args:
            given: The members as they came.
            shown: What ``admit`` gave.

        Raises:
            InvalidRedirectUri, InvalidClientMetadata: A member cannot be taken.
            InvalidSoftwareStatement, UnapprovedSoftwareStatement: Nor the statement.
            InvalidToken: The initial access token was used up meanwhile.
        """
        profile = shown.profile if shown else "oidc"
        members = self._checked(given, profile)
        logo = self.logos.fetch(members.get("logo_uri"))
        token = opaque.new_secret()
        row, secret = self.clients.add(
            members,
            profile=profile,
            registered_by="token" if shown else "open",
            initial_token_id=self.initial_tokens.spend(shown) if shown else None,
            registration_token_hash=self._print(token),
            unused_until=self.clock.now() + self.settings.registration_unused_ttl,
        )
        self.logos.keep(row, logo)
        self.audit.record(
            EventTag.CLIENT_CREATED,
            client_id=row.id,
            name=row.name,
            by=row.registered_by,
        )
        return self._told(row, token, secret)

    def read(self, client_id: str, token: str) -> Registered:
        """Give what is registered (RFC 7592 §2.1).

        Raises:
            InvalidToken: Not the registration access token of this client.
        """
        return self._told(self._own(client_id, token), token)

    def replace(
        self, client_id: str, token: str, given: Mapping[str, Any]
    ) -> Registered:
        """Replace a registration; what is left out is gone (RFC 7592 §2.2).

        Raises:
            InvalidToken: Not the registration access token of this client.
            InvalidRedirectUri, InvalidClientMetadata: A member cannot be taken.
            InvalidSoftwareStatement, UnapprovedSoftwareStatement: Nor the statement.
        """
        row = self._own(client_id, token)
        self._check_own_words(row, given)
        members = self._checked(given, row.profile)
        logo = self.logos.fetch(members.get("logo_uri"))
        if set(members["redirect_uris"]) - set(row.redirect_uris):
            # What people allowed was to be answered elsewhere: they are asked again.
            self._forget_consents(row)
        had = self._has_fitting_secret(row, members)
        client_rows.put(row, members)
        row.updated_at = self.clock.now()
        self.logos.keep(row, logo)
        secret = self._settle_secret(row, had_one=had)
        self.audit.record(EventTag.CLIENT_CHANGED, client_id=row.id)
        self.clients.cache.pop(client_id, None)
        return self._told(row, token, secret)

    def delete(self, client_id: str, token: str) -> None:
        """Take a client away with its codes, tokens and consents (RFC 7592 §2.3).

        Raises:
            InvalidToken: Not the registration access token of this client.
        """
        self.clients.delete(self._own(client_id, token).client_id)

    def note_use(self, app: App) -> None:
        """Keep a client that somebody uses; once in its life."""
        self.db.execute(
            update(Client)
            .where(Client.id == app.id, Client.unused_until.is_not(None))
            .values(unused_until=None, updated_at=Client.updated_at)
            .execution_options(synchronize_session=False)
        )
        self.clients.cache.pop(app.client_id, None)

    # -- what came

    def _checked(self, given: Mapping[str, Any], profile: str) -> Members:
        stated, offer = self.statements.read(given), self.clients.offer()
        members, faults = client_rules.complete(stated, offer, profile=profile)
        refuse(faults)
        if uri := members.get("sector_identifier_uri"):
            try:
                self.sector_documents.check(uri, members["redirect_uris"])
            except Fault as why:
                refuse({"sector_identifier_uri": [f"{why}."]})
        may = self.settings.registration_scopes
        asked = members.get("scope", " ".join(may)).split()
        members["scope"] = " ".join(one for one in asked if one in may)
        if asked and not members["scope"]:
            refuse({"scope": ["None of these may be asked for here."]})
        return members

    def _check_own_words(self, row: Client, given: Mapping[str, Any]) -> None:
        """RFC 7592 §2.2: which client, and nothing that is ours to say."""
        if given.get("client_id") != row.client_id:
            refuse({"client_id": ["Must be the client's own."]})
        refuse({name: ["Must not be sent."] for name in OURS if name in given})
        app = self.clients.find(row.client_id)
        if (secret := given.get("client_secret")) is None:
            return
        known = app is not None and isinstance(secret, str)
        if app is None or not known or not self.clients.has_secret(app, secret):
            refuse({"client_secret": ["Must be the present one, or left out."]})

    # -- secrets

    def _has_fitting_secret(self, row: Client, members: Members) -> bool:
        """Whether the secret it has will do for what it registers now."""
        before = client_rows.members_of(row)
        was_readable = client_metadata.needs_readable_secret(before)
        is_readable = client_metadata.needs_readable_secret(members)
        return self.clients.wants_secret(row) and (was_readable or not is_readable)

    def _settle_secret(self, row: Client, *, had_one: bool) -> str | None:
        wants = self.clients.wants_secret(row)
        if wants and had_one:
            return None
        mine = ClientSecret.client_id == row.id
        self.db.execute(delete(ClientSecret).where(mine))
        return self.clients.add_secret(row) if wants else None

    def _forget_consents(self, row: Client) -> None:
        theirs = ClientConsent.client_id == row.id
        self.db.execute(delete(ClientConsent).where(theirs))

    # -- who asks, and what is told

    def _own(self, client_id: str, token: str) -> Client:
        """Give the client that holds this token; of one that is gone we say no more."""
        given = self._print(token)
        try:
            row = self.clients.get(client_id if client_id.isprintable() else "")
        except NotFound:
            raise InvalidToken("registration token of a client that is gone") from None
        kept = row.registration_token_hash
        if kept is None or not opaque.same(given, kept) or row.disabled_at is not None:
            raise InvalidToken(f"not the registration token of {client_id}")
        return row

    def _told(self, row: Client, token: str, secret: str | None = None) -> Registered:
        issued_at = int(row.created_at.timestamp())
        members = client_rows.members_of(row)
        members.setdefault("id_token_signed_response_alg", DEFAULT_ALG)
        return Registered(members, row.client_id, issued_at, token, secret)

    def _print(self, token: str) -> str:
        return opaque.fingerprint(token, key=self.clients.pepper)


def refuse(faults: Mapping[str, list[str]]) -> None:
    """Say what cannot be registered, in the characters that an error may hold.

    Raises:
        InvalidRedirectUri: It is a redirect URI (RFC 7591 §3.2.2).
        InvalidClientMetadata: It is another member.
    """
    if not faults:
        return
    said = "; ".join(f"{name}: {' '.join(why)}" for name, why in faults.items())
    public = _UNSAYABLE.sub("_", said)[:MAX_SAID]
    kind = InvalidRedirectUri if "redirect_uris" in faults else InvalidClientMetadata
    raise kind(f"members {sorted(faults)}"[:MAX_SAID], public=public)

"""Initial access tokens: who holds one may register clients (RFC 7591 §3)."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import ColumnElement, select, update
from sqlalchemy.orm import Session as DbSession
from sqlalchemy.orm import scoped_session

from authserver.clock import Clock
from authserver.core.audit import Audit, EventTag
from authserver.core.client_metadata import PROFILES
from authserver.crypto import opaque
from authserver.errors import InvalidInput, InvalidToken, NotFound
from authserver.models import InitialToken
from authserver.models.engines import Reads

MOST_USES = 1_000_000
MOST_DAYS = 3650
MAX_NOTE = 200


@dataclass(frozen=True)
class Pass:
    """A good initial access token, in the hand of one request."""

    token_hash: str
    profile: str


@dataclass(frozen=True)
class InitialTokens:
    """Makes them, spends them, ends them."""

    db: scoped_session[DbSession]
    reads: Reads
    clock: Clock
    audit: Audit
    pepper: bytes

    def create(
        self, *, uses: int, life: timedelta, note: str = "", profile: str = "oidc"
    ) -> tuple[InitialToken, str]:
        """Make a token; give its row and, told once, the token.

        Args:
            uses: How many clients it may register.
            life: How long it is good.
            note: What it is for, shown in lists.
            profile: Security profile of the clients it registers.

        Raises:
            InvalidInput: No use, no life, or no such profile.
        """
        faults: dict[str, list[str]] = {}
        if not 0 < uses <= MOST_USES:
            faults["uses"] = [f"Give 1 to {MOST_USES} uses."]
        if not timedelta() < life <= timedelta(days=MOST_DAYS):
            faults["life"] = [f"Give a time of at most {MOST_DAYS} days."]
        if len(note) > MAX_NOTE or not (note == "" or note.isprintable()):
            faults["note"] = [f"Give at most {MAX_NOTE} printable characters."]
        if profile not in PROFILES:
            faults["profile"] = [f"One of {', '.join(PROFILES)}."]
        if faults:
            raise InvalidInput(fields=faults)
        token, now = opaque.new_secret(), self.clock.now()
        row = InitialToken(
            id=uuid.uuid4(),
            token_hash=self._print(token),
            note=note,
            profile=profile,
            uses=uses,
            uses_left=uses,
            created_at=now,
            expires_at=now + life,
        )
        self.db.add(row)
        self.audit.record(
            EventTag.INITIAL_TOKEN_CREATED, token=str(row.id), uses=uses, note=note
        )
        return row, token

    def list_all(self) -> Sequence[InitialToken]:
        """Give all tokens, the newest first."""
        order = (InitialToken.created_at.desc(), InitialToken.id)
        return self.db.scalars(select(InitialToken).order_by(*order)).all()

    def revoke(self, token_id: str) -> InitialToken:
        """End a token; what it has registered stays.

        Raises:
            NotFound: No such token.
        """
        try:
            row = self.db.get(InitialToken, uuid.UUID(token_id))
        except ValueError:
            row = None
        if row is None:
            raise NotFound("no such initial access token")
        if row.revoked_at is None:
            row.revoked_at = self.clock.now()
            self.audit.record(EventTag.INITIAL_TOKEN_REVOKED, token=str(row.id))
        return row

    def look(self, token: str) -> Pass:
        """Say that a token is good, before the work of a registration is begun.

        Raises:
            InvalidToken: Unknown, spent, expired or revoked: we never say which.
        """
        token_hash = self._print(token)
        row = self.reads.first(
            select(InitialToken.profile).where(*self._is_good(token_hash)), {}
        )
        if row is None:
            raise InvalidToken("no good initial access token")
        return Pass(token_hash, row.profile)

    def spend(self, shown: Pass) -> uuid.UUID:
        """Take one use of a token; of many at once no more win than it has uses.

        Raises:
            InvalidToken: It has been used up meanwhile.
        """
        spent = self.db.scalar(
            update(InitialToken)
            .where(*self._is_good(shown.token_hash))
            .values(uses_left=InitialToken.uses_left - 1, last_used_at=self.clock.now())
            .returning(InitialToken.id)
            .execution_options(synchronize_session=False)
        )
        if spent is None:
            raise InvalidToken("the initial access token was used up meanwhile")
        return spent

    def _is_good(self, token_hash: str) -> tuple[ColumnElement[bool], ...]:
        return (
            InitialToken.token_hash == token_hash,
            InitialToken.uses_left > 0,
            InitialToken.revoked_at.is_(None),
            InitialToken.expires_at > self.clock.now(),
        )

    def _print(self, token: str) -> str:
        return opaque.fingerprint(token, key=self.pepper)

"""Answers that are given again to a request that comes again (Idempotency-Key).

draft-ietf-httpapi-idempotency-key-header-07.  The key is claimed in the transaction of
what it asks for, so of two at one moment the second waits, and finds the answer of the
first; a refusal leaves nothing behind, and may be tried again.
"""

import json
import uuid
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session as DbSession
from sqlalchemy.orm import scoped_session

from authserver.clock import Clock
from authserver.crypto import opaque
from authserver.crypto.sealed import Sealer
from authserver.errors import InvalidInput
from authserver.models import RememberedAnswer
from authserver.models.inserts import insert_into

KEPT_FOR = timedelta(days=1)


@dataclass(frozen=True)
class Said:
    """An answer as it went out: status, headers, body."""

    status: int
    headers: list[tuple[str, str]]
    body: str


@dataclass(frozen=True)
class Claim:
    """A key in the hand of one request; with ``said``, it had been answered before."""

    key: str
    said: Said | None = None


@dataclass(frozen=True)
class Answers:
    """Remembers answers for a day."""

    db: scoped_session[DbSession]
    clock: Clock
    sealer: Sealer
    pepper: bytes

    def claim(
        self, given: str, *, who: uuid.UUID | str, what: str, body: bytes
    ) -> Claim:
        """Take a key, or give the answer that was given under it.

        Args:
            given: The key as the caller chose it.
            who: The caller: keys of two callers are two.
            what: Method and path: so are keys of two addresses.
            body: What was sent; under one key always the same.

        Raises:
            InvalidInput: The key was used for another request.
        """
        key = self._print(f"key|{who}|{what}|{given}")
        asked = self._print(f"body|{opaque.fingerprint(body.decode('latin-1'))}")
        now = self.clock.now()
        # One that is over is as if it had never been.
        self.db.execute(
            delete(RememberedAnswer)
            .where(RememberedAnswer.key == key, RememberedAnswer.expires_at <= now)
            .execution_options(synchronize_session=False)
        )
        if self._insert(key, asked):
            return Claim(key)
        row = self.db.execute(
            select(
                RememberedAnswer.request_print,
                RememberedAnswer.status,
                RememberedAnswer.answer_sealed,
            ).where(RememberedAnswer.key == key)
        ).one()
        if not opaque.same(row.request_print, asked) or not row.answer_sealed:
            fault = "This key was used for another request. Choose a new one."
            raise InvalidInput(
                "idempotency key reused", fields={"Idempotency-Key": [fault]}
            )
        kept: dict[str, Any] = json.loads(
            self.sealer.open(row.answer_sealed, key.encode())
        )
        headers = [(name, value) for name, value in kept["headers"]]
        return Claim(key, Said(row.status or 200, headers, kept["body"]))

    def remember(self, claim: Claim, said: Said) -> None:
        """Keep the answer of a request that has claimed its key; it is sealed."""
        kept = json.dumps({"headers": said.headers, "body": said.body})
        self.db.execute(
            update(RememberedAnswer)
            .where(RememberedAnswer.key == claim.key)
            .values(
                status=said.status,
                answer_sealed=self.sealer.seal(kept.encode(), claim.key.encode()),
            )
            .execution_options(synchronize_session=False)
        )

    def forget(self, claim: Claim) -> None:
        """Give a key back whose request was refused: it may be tried again."""
        self.db.execute(
            delete(RememberedAnswer)
            .where(RememberedAnswer.key == claim.key)
            .execution_options(synchronize_session=False)
        )

    def _insert(self, key: str, asked: str) -> bool:
        now = self.clock.now()
        taken = self.db.scalar(
            insert_into(self.db, RememberedAnswer)
            .values(
                key=key, request_print=asked, created_at=now, expires_at=now + KEPT_FOR
            )
            .on_conflict_do_nothing()
            .returning(RememberedAnswer.key)
        )
        return taken is not None

    def _print(self, text: str) -> str:
        return opaque.fingerprint(text, key=self.pepper)

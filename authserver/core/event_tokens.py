"""Security event tokens, and the two ways they reach a client (RFC 8417).

Pushed (RFC 8935) by the same queue that tells of logouts, or fetched and acknowledged
(RFC 8936).  A token keeps its ``jti`` and ``iat`` however often it is sent: by them a
client knows it again.
"""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import Any

from sqlalchemy import bindparam, exists, select, update
from sqlalchemy.orm import Session as DbSession
from sqlalchemy.orm import scoped_session

from authserver.adapters.exchange import Answer, FetchFailed
from authserver.adapters.fetcher import Fetcher
from authserver.clock import Clock
from authserver.config import Settings
from authserver.core.apps import App
from authserver.core.clients import Clients
from authserver.core.keys import DEFAULT_ALG, Keys
from authserver.core.notices import Due, Outcome
from authserver.core.sectors import Sectors
from authserver.core.signals import ENABLED, KEPT, POLL, VERIFICATION
from authserver.crypto import signing
from authserver.crypto.sealed import Sealer
from authserver.errors import AuthError
from authserver.models import EventStream, Notice
from authserver.models.constants import Constant
from authserver.models.engines import Reads

TOKEN_TYPE = "secevent+jwt"  # RFC 8417 §2.3
MEDIA_TYPE = "application/secevent+jwt"
TIMEOUT_SECONDS = 5.0
MAX_BYTES = 16 * 1024
MOST = 100
"""How many are given in one answer, and taken back in one, whatever was asked."""
_has_any = (
    exists()
    .where(Notice.stream_id == EventStream.id, Notice.status == KEPT)
    .label("has_any")
)
_stream = Constant(
    select(EventStream.method, EventStream.status, _has_any).where(
        EventStream.id == bindparam("stream_id")
    )
)


@dataclass(frozen=True)
class EventTokens:
    """Signs events, pushes them, and gives them to whoever fetches them."""

    db: scoped_session[DbSession]
    reads: Reads
    clock: Clock
    settings: Settings
    clients: Clients
    keys: Keys
    sealer: Sealer
    fetcher: Fetcher
    sectors: Sectors

    def push(self, due: Due) -> Outcome:
        """Send one event (RFC 8935 §2); five seconds at most, and no transaction."""
        app = self.clients.find(due.client_id)
        row = self.reads.first(
            select(
                EventStream.id,
                EventStream.endpoint_url,
                EventStream.authorization_sealed,
            ).where(EventStream.id == due.stream_id)
        )
        if app is None or row is None or not row.endpoint_url:
            return Outcome("the stream has no address any more", is_final=True)
        headers = {"Content-Type": MEDIA_TYPE, "Accept": "application/json"}
        if row.authorization_sealed:
            shown = self.sealer.open(row.authorization_sealed, row.id.bytes)
            headers["Authorization"] = shown.decode()
        try:
            answer = self.fetcher.post(
                row.endpoint_url,
                self.token(app, due).encode("ascii"),
                max_bytes=MAX_BYTES,
                timeout_s=TIMEOUT_SECONDS,
                headers=headers,
            )
        except FetchFailed as fault:
            return Outcome(str(fault))
        if answer.status in (HTTPStatus.OK, HTTPStatus.ACCEPTED):
            return Outcome()
        # §2.3: with 400 the receiver says what is wrong with the token.
        is_final = answer.status == HTTPStatus.BAD_REQUEST
        return Outcome(f"the answer is {answer.status}{_word(answer)}", is_final)

    def poll(
        self, stream: EventStream, app: App, asked: Mapping[str, Any]
    ) -> dict[str, Any]:
        """Take back what was acknowledged, and give what waits (RFC 8936 §2.2-§2.4).

        It answers at once; who may wait for something does so by ``has_come``.

        Raises:
            AuthError: The request is not as RFC 8936 has it.
        """
        if stream.method != POLL:
            raise AuthError("poll of a push stream", public="This stream is pushed.")
        acknowledged, faults, most = _read(asked)
        self._settle(stream, acknowledged, {"status": "sent"})
        for jti, fault in faults.items():
            self._settle(stream, [jti], {"status": "failed", "last_error": fault})
        if stream.status != ENABLED:
            return {"sets": {}}
        rows = self.db.scalars(
            select(Notice)
            .where(Notice.stream_id == stream.id, Notice.status == KEPT)
            .order_by(Notice.created_at, Notice.id)
            .limit(most + 1)
        ).all()
        answer: dict[str, Any] = {
            "sets": {str(row.id): self.token(app, row) for row in rows[:most]}
        }
        return answer | ({"moreAvailable": True} if len(rows) > most else {})

    def has_come(self, stream_id: uuid.UUID) -> bool:
        """Whether a poll would be answered otherwise than with nothing; one read."""
        row = self.reads.first(_stream, {"stream_id": stream_id})
        if row is None or row.method != POLL:
            return True
        return bool(row.has_any) and row.status == ENABLED

    def token(self, app: App, event: Due | Notice) -> str:
        """Sign one event for its receiver (RFC 8417 §2.2, SSF §4)."""
        payload: dict[str, Any] = event.payload or {}
        kind, facts = payload["event"], dict(payload["facts"])
        moment = _seconds(event.created_at)
        if kind != VERIFICATION:
            facts["event_timestamp"] = moment
        claims = {
            "iss": self.settings.issuer,
            "aud": app.client_id,
            "iat": moment,
            "jti": str(event.id),
            "sub_id": self._subject(app, event),
            "events": {kind: facts},
        }
        return signing.sign_jwt(self.keys.signer(DEFAULT_ALG), claims, TOKEN_TYPE)

    def _subject(self, app: App, event: Due | Notice) -> dict[str, Any]:
        """Say whom, or which session, or which stream it is about (RFC 9493)."""
        if event.user_id is None:
            return {"format": "opaque", "id": str(event.stream_id)}
        person = {
            "format": "iss_sub",
            "iss": self.settings.issuer,
            "sub": self.sectors.sub_of(app, event.user_id),
        }
        if event.session_id is None:
            return person
        sid = self.sectors.sid_of(app, event.session_id)
        session = {"format": "opaque", "id": sid}
        return {"format": "complex", "user": person, "session": session}

    def _settle(
        self, stream: EventStream, keys: list[uuid.UUID], noted: dict[str, Any]
    ) -> None:
        if keys:
            self.db.execute(
                update(Notice)
                .where(
                    Notice.stream_id == stream.id,
                    Notice.id.in_(keys),
                    Notice.status == KEPT,
                )
                .values(**noted, sent_at=self.clock.now())
                .execution_options(synchronize_session=False)
            )


def may_wait(asked: Mapping[str, Any]) -> bool:
    """Whether whoever polls would rather wait than hear of nothing (RFC 8936 §2.4)."""
    return not asked.get("returnImmediately") and asked.get("maxEvents") != 0


def _read(
    asked: Mapping[str, Any],
) -> tuple[list[uuid.UUID], dict[uuid.UUID, str], int]:
    acks, errors = asked.get("ack", []), asked.get("setErrs", {})
    most = asked.get("maxEvents", MOST)
    is_count = isinstance(most, int) and not isinstance(most, bool) and most >= 0
    if not isinstance(acks, list) or not isinstance(errors, Mapping) or not is_count:
        raise AuthError(
            "poll", public="ack, setErrs or maxEvents is not as it must be."
        )
    if not isinstance(asked.get("returnImmediately", False), bool):
        raise AuthError("poll", public="returnImmediately is true or false.")
    if len(acks) > MOST or len(errors) > MOST:
        raise AuthError("poll", public=f"Send {MOST} at most.")
    faults = {_key(jti): _fault(said) for jti, said in errors.items()}
    known = {key: fault for key, fault in faults.items() if key is not None}
    return [key for jti in acks if (key := _key(jti))], known, min(most, MOST)


def _key(jti: object) -> uuid.UUID | None:
    """Read a ``jti`` of ours; what is none was never given, and is passed over."""
    try:
        return uuid.UUID(jti) if isinstance(jti, str) else None
    except ValueError:
        return None


def _fault(said: object) -> str:
    word = said.get("err") if isinstance(said, Mapping) else None
    return word[:80] if isinstance(word, str) and word.isprintable() else "refused"


def _word(answer: Answer) -> str:
    try:
        body = answer.json()
    except FetchFailed:
        return ""
    return f": {_fault(body)}"


def _seconds(moment: datetime) -> int:
    return int(moment.timestamp())

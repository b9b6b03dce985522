"""Signing keys: next, active, retired; rotate and retire (OIDC Core §10.1.1).

Keys lie sealed in the database, so every process and node has the same ones.  Each
process keeps what it has opened and looks for changes every few seconds: a rotation
is picked up without a restart.  ``next`` is published before it signs, so that those
who keep our JWKS know it when it comes; ``retired`` is published until the last token
it signed has died.
"""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session as DbSession
from sqlalchemy.orm import scoped_session

from authserver.clock import Clock, is_fresh
from authserver.config import Settings
from authserver.core.audit import Audit, EventTag
from authserver.crypto import opening, signing
from authserver.crypto.opening import OpeningKey
from authserver.crypto.sealed import Sealer
from authserver.crypto.signing import SigningKey
from authserver.errors import Conflict, NotFound, Unavailable
from authserver.models import Resource, StoredKey
from authserver.models.engines import Reads

LOOK_EVERY = timedelta(seconds=3)
MOST_SIGNED = 1024
DEFAULT_ALG = "RS256"  # OIDC Core §15.1: every provider has it


@dataclass(frozen=True)
class Ring:
    """The keys at one moment."""

    read_at: datetime
    version: tuple[tuple[str, str], ...]
    active: Mapping[str, SigningKey]
    all: Mapping[str, SigningKey]
    opening: Mapping[str, OpeningKey] = field(default_factory=dict)
    """What opens what was encrypted to us, by id; older ones too."""
    published: tuple[OpeningKey, ...] = ()
    """Those of them that others are to encrypt to."""
    signed: dict[tuple[str, str], dict[str, Any]] = field(
        default_factory=dict, repr=False
    )
    """Claims by token and type, where a signature of ours has been checked: it stays
    what it was, so once is enough in the seconds that a ring lives."""

    def jwks(self) -> dict[str, list[dict[str, Any]]]:
        """Give the public keys, those that sign first (RFC 7517 §5).

        Of those that open only the present ones: an older one would be chosen again.
        """
        first = {key.kid for key in self.active.values()}
        ordered = sorted(self.all.values(), key=lambda key: key.kid not in first)
        opening = [key.public_jwk() for key in self.published]
        return {"keys": [*(key.public_jwk() for key in ordered), *opening]}


@dataclass
class Keys:
    """The key store."""

    db: scoped_session[DbSession]
    reads: Reads
    clock: Clock
    settings: Settings
    sealer: Sealer
    audit: Audit
    _ring: Ring | None = field(default=None, repr=False)

    def ring(self) -> Ring:
        """Give the keys, at most seconds old."""
        ring, now = self._ring, self.clock.now()
        if ring is not None and is_fresh(ring.read_at, now, LOOK_EVERY):
            return ring
        rows = self.reads.all(
            select(
                StoredKey.kid, StoredKey.alg, StoredKey.state, StoredKey.private_sealed
            ).order_by(StoredKey.created_at)
        )
        version = tuple((row.kid, row.state) for row in rows)
        if ring is not None and ring.version == version:
            self._ring = replace(ring, read_at=now, signed={})
            return self._ring
        found = self._made_of(rows, now, ring)
        # Before the first keys are committed there are none, and a moment later some.
        self._ring = found if found.active else None
        return found

    def _made_of(self, rows: Sequence[Any], now: datetime, before: Ring | None) -> Ring:
        """Open the keys that were not open already."""
        known = {**before.all, **before.opening} if before else {}
        every = {row.kid: known.get(row.kid) or self._open(row) for row in rows}
        used = [every[row.kid] for row in rows if row.state == "active"]
        return Ring(
            now,
            tuple((row.kid, row.state) for row in rows),
            active={key.alg: key for key in used if isinstance(key, SigningKey)},
            all={n: key for n, key in every.items() if isinstance(key, SigningKey)},
            opening={n: key for n, key in every.items() if isinstance(key, OpeningKey)},
            published=tuple(key for key in used if isinstance(key, OpeningKey)),
        )

    def claims_of(self, token: str, *, typ: str) -> dict[str, Any]:
        """Give the claims of a token that we have signed; times are not looked at.

        Raises:
            BadToken: Not one of ours, or of another type.
        """
        ring = self.ring()
        claims = ring.signed.get((token, typ))
        if claims is None:
            claims = signing.verify_jwt(
                token, ring.all, algorithms=signing.ALGORITHMS, typ=typ
            )
            if len(ring.signed) < MOST_SIGNED:
                ring.signed[token, typ] = claims
        return claims

    def signer(self, alg: str = DEFAULT_ALG) -> SigningKey:
        """Give the one key that signs with this algorithm.

        Raises:
            Unavailable: There is none; ``authserver db upgrade`` makes it.
        """
        key = self.ring().active.get(alg)
        if key is None:
            raise Unavailable(f"no active {alg} key")
        return key

    def ensure(self) -> list[str]:
        """Make or import the first keys where there are none; give their ids."""
        made = []
        has = {key.alg for key in self.db.scalars(select(StoredKey))}
        if not has:
            made += [self._store(key, "active").kid for key in self._imported()]
            has = {key.alg for key in self.db.scalars(select(StoredKey))}
        wanted = (DEFAULT_ALG, *self.settings.signing_algorithms, *opening.ALGORITHMS)
        for alg in dict.fromkeys(wanted):
            if alg not in has:
                made.append(self._store(_new(alg), "active").kid)
                if alg not in opening.ALGORITHMS:
                    self._store(_new(alg), "next")
        return made

    def list_all(self) -> list[StoredKey]:
        """Give every key, the newest last."""
        return list(self.db.scalars(select(StoredKey).order_by(StoredKey.created_at)))

    def ready_at(self, row: StoredKey) -> datetime | None:
        """Say from when a key may go on to its next state; None while it signs.

        A next key may sign once it has been published for ``KEY_OVERLAP``; a retired
        one may go once no token lives that it has signed.
        """
        if row.state == "next":
            return row.created_at + self.settings.key_overlap
        if row.state == "retired" and row.retired_at is not None:
            return row.retired_at + self._longest_life()
        return None

    def rotate(
        self,
        alg: str = DEFAULT_ALG,
        *,
        at_once: bool = False,
        by: uuid.UUID | None = None,
        reason: str | None = None,
    ) -> StoredKey:
        """Let the next key sign, retire the one that did, publish another.

        Args:
            alg: Whose turn it is.
            at_once: Do not wait until the next key has been published for
                ``KEY_OVERLAP``.
            by: Who does it, for the security log.
            reason: Why, for the security log.

        Raises:
            Conflict: The next key is too young to be known everywhere.
        """
        now = self.clock.now()
        coming = self._one(alg, "next") or self._store(_new(alg), "next")
        # One that opens need not be known before: whoever encrypts looks for it first.
        at_once = at_once or alg in opening.ALGORITHMS
        if not at_once and now - coming.created_at < self.settings.key_overlap:
            since = f"published {coming.created_at:%Y-%m-%d %H:%M:%S} UTC"
            raise Conflict(
                f"key {coming.kid} is too young",
                public=f"The next key was {since}; wait for KEY_OVERLAP, or say now.",
            )
        for signing_now in self._all(alg, "active"):
            signing_now.state, signing_now.retired_at = "retired", now
        coming.state, coming.activated_at = "active", now
        if alg not in opening.ALGORITHMS:
            self._store(_new(alg), "next")
        self.audit.record(
            EventTag.KEY_ROTATED, actor_id=by, reason=reason, kid=coming.kid, alg=alg
        )
        return coming

    def retire(
        self,
        kid: str,
        *,
        at_once: bool = False,
        by: uuid.UUID | None = None,
        reason: str | None = None,
    ) -> None:
        """Take a retired key out of the JWKS once nothing alive is signed with it.

        Args:
            kid: Which.
            at_once: Although tokens of it may still live: they are refused from now on.
            by: Who does it, for the security log.
            reason: Why, for the security log.

        Raises:
            NotFound: No such key.
            Conflict: It still signs, or tokens of it may still live.
        """
        # Compared here: not every text of a URL is one that a database can look for.
        row = next((one for one in self.list_all() if one.kid == kid), None)
        if row is None:
            raise NotFound(f"no key {kid}")
        ready = self.ready_at(row)
        if row.state != "retired" or ready is None:
            raise Conflict(
                "key in use", public=f"The key is {row.state}; rotate first."
            )
        if not at_once and self.clock.now() < ready:
            raise Conflict(
                "key too fresh", public="Tokens signed with this key may still live."
            )
        self.audit.record(
            EventTag.KEY_REMOVED, actor_id=by, reason=reason, kid=kid, alg=row.alg
        )
        self.db.execute(delete(StoredKey).where(StoredKey.kid == kid))

    def _longest_life(self) -> timedelta:
        spans = (self.settings.access_ttl, self.settings.id_token_ttl)
        return max(*spans, self._longest_of_resources())

    def _longest_of_resources(self) -> timedelta:
        """Give how long a token lives for the resource that lets it live longest."""
        seconds = self.db.scalar(select(func.max(Resource.token_ttl)))
        return timedelta(seconds=seconds or 0)

    def _imported(self) -> list[SigningKey]:
        """Read JWT_PRIVATE_KEY and the PEM files in the keys folder."""
        texts = [self.settings.jwt_private_key.replace("\\n", "\n").encode()]
        folder: Path = self.settings.keys_dir
        if folder.is_dir():
            texts += [path.read_bytes() for path in sorted(folder.glob("*.pem"))]
        found = [signing.import_pem(text) for text in texts if text.strip()]
        return list({key.alg: key for key in found}.values())

    def _store(self, key: SigningKey | OpeningKey, state: str) -> StoredKey:
        pem = key.key.as_pem(private=True)
        now = self.clock.now()
        row = StoredKey(
            kid=key.kid,
            alg=key.alg,
            state=state,
            private_sealed=self.sealer.seal(pem, key.kid.encode()),
            created_at=now,
            activated_at=now if state == "active" else None,
        )
        self.db.add(row)
        self.db.flush()
        return row

    def _open(self, row: Any) -> SigningKey | OpeningKey:
        pem = self.sealer.open(row.private_sealed, row.kid.encode())
        if row.alg in opening.ALGORITHMS:
            return opening.import_pem(pem, row.alg)
        # It was checked before it was sealed; to check it again takes 30 ms.
        return signing.import_pem(pem, row.alg, is_checked=True)

    def _all(self, alg: str, state: str) -> list[StoredKey]:
        found = select(StoredKey).where(StoredKey.alg == alg, StoredKey.state == state)
        return list(self.db.scalars(found.order_by(StoredKey.created_at)))

    def _one(self, alg: str, state: str) -> StoredKey | None:
        found = self._all(alg, state)
        return found[0] if found else None


def _new(alg: str) -> SigningKey | OpeningKey:
    if alg in opening.ALGORITHMS:
        return opening.import_pem(opening.generate(alg), alg)
    return signing.import_pem(signing.generate(alg), alg)

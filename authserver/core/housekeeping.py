"""Clean up in small batches by index, so that nobody waits for it.

Each batch is one short statement of a transaction of its own; whoever calls commits and
calls again, until nothing is left that is over.
"""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session as DbSession
from sqlalchemy.orm import scoped_session

from authserver.clock import Clock
from authserver.config import Settings
from authserver.core.audit_seal import AuditSeal, ChainBroken
from authserver.core.deletion import Deletion
from authserver.models import (
    AuthorizationCode,
    BackchannelRequest,
    Challenge,
    Client,
    ConnectionAttempt,
    DeviceGrant,
    InitialToken,
    Interaction,
    LoginRecord,
    Notice,
    OutboxLetter,
    PushedRequest,
    RateLimit,
    RefreshToken,
    RefusedRequest,
    RememberedAnswer,
    RevokedToken,
    Session,
    SpentAssertion,
    SpentProof,
    TokenFamily,
    TrustedDevice,
)

log = logging.getLogger("authserver.audit")
BATCH = 500
MOST_COUNTED = 5000
PEOPLE = 20
"""How many accounts one batch makes nobody's: each has rows in many tables."""


@dataclass(frozen=True)
class Rule:
    """What is over, and when: rows of a table whose moment is so long ago."""

    table: Any
    moment: Any
    keep: timedelta
    only: Any = None


@dataclass(frozen=True)
class Housekeeping:
    """Deletes what is over."""

    db: scoped_session[DbSession]
    clock: Clock
    settings: Settings
    deletion: Deletion
    audit_seal: AuditSeal

    def rules(self) -> Mapping[str, Rule]:
        """Say of each table what goes when; each moment has an index.

        Refresh tokens go before their families, which would take thousands along.
        """
        chosen = self.settings
        over = chosen.retain_expired
        sent = OutboxLetter.status.in_(("sent", "refused"))
        return {
            "refresh_tokens": Rule(RefreshToken, RefreshToken.expires_at, over),
            "token_families": Rule(TokenFamily, TokenFamily.expires_at, over),
            "revoked_tokens": Rule(RevokedToken, RevokedToken.expires_at, over),
            "spent_assertions": Rule(SpentAssertion, SpentAssertion.expires_at, over),
            # By their millions, and worth nothing once they could not be used again.
            "spent_proofs": Rule(SpentProof, SpentProof.expires_at, timedelta()),
            "authorization_codes": Rule(
                AuthorizationCode, AuthorizationCode.expires_at, over
            ),
            "pushed_requests": Rule(PushedRequest, PushedRequest.expires_at, over),
            "device_grants": Rule(DeviceGrant, DeviceGrant.expires_at, over),
            "backchannel_requests": Rule(
                BackchannelRequest, BackchannelRequest.expires_at, over
            ),
            "interactions": Rule(Interaction, Interaction.expires_at, over),
            "refused_requests": Rule(
                RefusedRequest, RefusedRequest.created_at, chosen.retain_refusals
            ),
            "connection_attempts": Rule(
                ConnectionAttempt, ConnectionAttempt.expires_at, over
            ),
            "verification_tokens": Rule(Challenge, Challenge.expires_at, over),
            "remembered_answers": Rule(
                RememberedAnswer, RememberedAnswer.expires_at, timedelta()
            ),
            "initial_tokens": Rule(InitialToken, InitialToken.expires_at, over),
            "clients": Rule(Client, Client.unused_until, timedelta()),
            "trusted_devices": Rule(TrustedDevice, TrustedDevice.expires_at, over),
            "rate_limits": Rule(RateLimit, RateLimit.expires_at, over),
            "sessions": Rule(Session, Session.expires_at, chosen.retain_sessions),
            "outbox": Rule(
                OutboxLetter, OutboxLetter.not_before, chosen.retain_letters, sent
            ),
            "notices": Rule(
                Notice, Notice.not_before, over, Notice.status != "waiting"
            ),
            "login_history": Rule(
                LoginRecord, LoginRecord.created_at, chosen.retain_login_history
            ),
        }

    def sweep(self) -> dict[str, int]:
        """Delete one batch of each; give how many rows, by table, where there were any.

        ``users`` counts the accounts that have become nobody's.  The security log is a
        chain, and goes from its beginning.
        """
        now = self.clock.now()
        done = {name: self._sweep(rule, now) for name, rule in self.rules().items()}
        done["security_events"] = self._let_go(now)
        done["users"] = self.deletion.anonymise_due(PEOPLE)
        return {name: count for name, count in done.items() if count}

    def clean(self, batches: int) -> tuple[dict[str, int], bool]:
        """Sweep until nothing is over, or so many times; nobody has to wait for it.

        Args:
            batches: How often at most.

        Returns:
            How many rows went, by table, and whether nothing is left.
        """
        removed: dict[str, int] = {}
        for _ in range(batches):
            swept = self.sweep()
            if not swept:
                return removed, True
            for table, count in swept.items():
                removed[table] = removed.get(table, 0) + count
        return removed, False

    def waiting(self) -> dict[str, bool]:
        """Say of each table whether anything is over there; reads one row of each."""
        now = self.clock.now()
        found = {
            name: self.db.scalar(self._over(rule, now).limit(1)) is not None
            for name, rule in self.rules().items()
        }
        begins = now - self.settings.retain_security_log
        return found | {"security_events": self.audit_seal.has_old(begins)}

    def left(self) -> dict[str, int]:
        """Say of each table how many rows are over, where there are any.

        Nothing is counted further than ``MOST_COUNTED``, which then says: so many and
        more.  Of the security log it says one, and more there may be.
        """
        now, found = self.clock.now(), {}
        for name, rule in self.rules().items():
            some = self._over(rule, now).limit(MOST_COUNTED).subquery()
            found[name] = self.db.scalar(select(func.count()).select_from(some)) or 0
        begins = now - self.settings.retain_security_log
        found["security_events"] = int(self.audit_seal.has_old(begins))
        return {name: count for name, count in found.items() if count}

    def _let_go(self, now: datetime) -> int:
        begins = now - self.settings.retain_security_log
        try:
            return self.audit_seal.let_go(begins, BATCH)
        except ChainBroken as fault:
            # Evidence stays until somebody has looked: `authserver audit verify`.
            log.error("security log", extra={"reason": str(fault)})  # noqa: TRY400
            return 0

    def _over(self, rule: Rule, now: datetime) -> Any:
        key = rule.table.__table__.primary_key.columns.values()[0]
        found = select(key).where(rule.moment < now - rule.keep)
        return found if rule.only is None else found.where(rule.only)

    def _sweep(self, rule: Rule, now: datetime) -> int:
        key = rule.table.__table__.primary_key.columns.values()[0]
        # Rows in somebody's hand are left for the next time, not waited for.  As a CTE
        # it is read once; a subquery may be read again for each row, and then the
        # limit would hold for none of them.
        batch = (
            self._over(rule, now)
            .order_by(rule.moment)
            .limit(BATCH)
            .with_for_update(skip_locked=True)
            .cte("batch")
        )
        gone = self.db.scalars(
            delete(rule.table)
            .where(key.in_(select(batch.c[key.name])))
            .returning(key)
            .execution_options(synchronize_session=False)
        )
        return len(gone.all())

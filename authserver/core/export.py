"""Everything we keep about a person, for them to have (LGPD art. 18 V, GDPR art. 15, 20).

Secrets are no data about somebody: neither hashes nor sealed values nor handles go out.
"""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session as DbSession
from sqlalchemy.orm import scoped_session

from authserver.clock import Clock
from authserver.core.audit import Audit, EventTag
from authserver.core.cpf import Cpfs
from authserver.core.sessions import Sessions
from authserver.core.users import Users
from authserver.models import (
    Challenge,
    Client,
    ClientConsent,
    Institution,
    LoginRecord,
    OAuthProvider,
    OutboxLetter,
    Passkey,
    Role,
    SecurityEvent,
    Session,
    TermsConsent,
    TokenFamily,
    TrustedDevice,
    User,
    UserInstitution,
    UserRole,
)

HELD_BACK = frozenset(
    {
        *("password_hash", "mfa_secret", "mfa_backup_codes", "backup_codes_sealed"),
        *("cpf_sealed", "cpf_index", "totp_last_step"),
        *("refresh_token", "refresh_token_hash", "device_id"),
        *("token", "token_hash", "code_hash", "browser_hash", "message_sealed"),
        # Work of the machine; or, in ``chain``, about the lines of other people too.
        *("chain", "position", "claimed_until", "not_before", "interaction_id"),
    }
)
"""Columns that never go out, whatever the table."""
HELD_BACK_OF: Mapping[str, frozenset[str]] = {
    # What a challenge keeps for later may hold a hash or a sealed value.
    "verification_tokens": frozenset({"metadata"}),
    # Who else acted is data about them.
    "security_events": frozenset({"actor_id"}),
    "outbox": frozenset({"last_error", "attempts"}),
    # Of no use to anybody but us.
    "passkeys": frozenset({"credential_id", "public_key", "sign_count"}),
}


@dataclass(frozen=True)
class Export:
    """Gathers what belongs to one person."""

    db: scoped_session[DbSession]
    clock: Clock
    users: Users
    cpfs: Cpfs
    sessions: Sessions
    audit: Audit

    def of(self, user_id: uuid.UUID, *, session_id: uuid.UUID | None) -> dict[str, Any]:
        """Give everything about a user, by table.

        Raises:
            StepUpNeeded: The last proof is too old: it is worth a second look.
        """
        self.sessions.require_recent(session_id)
        user = self.users.get(user_id)
        account = _plain(User, User.id == user_id)
        mine = self._rows(account)[0]
        mine["cpf"] = self.cpfs.open(user_id, user.cpf_sealed)
        self.audit.record(EventTag.DATA_EXPORTED, user_id=user_id)
        return {
            "exported_at": self.clock.now(),
            "user": mine,
            "roles": self._rows(
                select(Role.name, UserRole.assigned_at, UserRole.expires_at)
                .join(UserRole, UserRole.role_id == Role.id)
                .where(UserRole.user_id == user_id)
            ),
            "institutions": self._rows(
                select(Institution.code, Institution.name, UserInstitution.created_at)
                .join(UserInstitution, UserInstitution.institution_id == Institution.id)
                .where(UserInstitution.user_id == user_id)
            ),
            "connections": self._rows(
                _plain(OAuthProvider, OAuthProvider.user_id == user_id)
            ),
            "passkeys": self._rows(_plain(Passkey, Passkey.user_id == user_id)),
            "trusted_devices": self._rows(
                _plain(TrustedDevice, TrustedDevice.user_id == user_id)
            ),
            "terms": self._rows(_plain(TermsConsent, TermsConsent.user_id == user_id)),
            "apps": self._apps(user_id),
            **self._log(user_id),
        }

    def _apps(self, user_id: uuid.UUID) -> dict[str, Any]:
        return {
            "consents": self._rows(
                select(
                    Client.client_id,
                    Client.name,
                    ClientConsent.scope,
                    ClientConsent.granted_at,
                )
                .join(Client, Client.id == ClientConsent.client_id)
                .where(ClientConsent.user_id == user_id)
            ),
            "signins": self._rows(
                select(
                    Client.client_id,
                    Client.name,
                    TokenFamily.scope,
                    TokenFamily.created_at,
                    TokenFamily.expires_at,
                    TokenFamily.revoked_at,
                )
                .join(Client, Client.id == TokenFamily.client_id)
                .where(TokenFamily.user_id == user_id)
            ),
        }

    def _log(self, user_id: uuid.UUID) -> dict[str, Any]:
        return {
            "sessions": self._rows(_plain(Session, Session.user_id == user_id)),
            "codes_and_links": self._rows(
                _plain(Challenge, Challenge.user_id == user_id)
            ),
            "letters": self._rows(
                _plain(OutboxLetter, OutboxLetter.user_id == user_id)
            ),
            "login_history": self._rows(
                _plain(LoginRecord, LoginRecord.user_id == user_id)
            ),
            "security_log": self._rows(
                _plain(SecurityEvent, SecurityEvent.user_id == user_id)
            ),
        }

    def _rows(self, statement: Any) -> list[dict[str, Any]]:
        return [dict(row) for row in self.db.execute(statement).mappings()]


def _plain(table: Any, whose: ColumnElement[bool]) -> Any:
    """Select every column of a table that may go out: also one that comes later."""
    own = table.__table__
    kept_back = HELD_BACK | HELD_BACK_OF.get(own.name, frozenset())
    columns = [column for column in own.columns if column.name not in kept_back]
    return select(*columns).where(whose).order_by(*own.primary_key.columns)

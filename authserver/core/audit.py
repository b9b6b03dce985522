"""Record what happened: the security log, and every try to sign in."""

import uuid
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy.orm import Session as DbSession
from sqlalchemy.orm import scoped_session

from authserver.clock import Clock
from authserver.core.device import here
from authserver.core.surroundings import Surroundings
from authserver.models import LoginRecord, SecurityEvent

MAX_TYPED = 320


class EventTag(StrEnum):
    """Every event of the security log: noun, part, verb in the past."""

    USER_SIGNED_UP = "user:account:created"
    USER_SIGNUP_REPEATED = "user:signup:repeated"
    VERIFICATION_ASKED = "user:verification:asked"
    RESET_ASKED = "user:reset:asked"
    MAGIC_LINK_ASKED = "user:magic-link:asked"
    USER_EMAIL_VERIFIED = "user:email:verified"
    USER_PASSWORD_CHANGED = "user:password:changed"
    USER_PASSWORD_LOCKED = "user:password:locked"
    SIGNIN_GRANTED = "user:signin:granted"
    SIGNIN_REFUSED = "user:signin:refused"
    SESSION_REVOKED = "session:self:revoked"
    SESSIONS_REVOKED = "user:sessions:revoked"
    CONSENT_GRANTED = "consent:client:granted"
    CONSENT_DENIED = "consent:client:denied"
    CONSENT_WITHDRAWN = "consent:client:withdrawn"
    CODE_REPLAYED = "grant:code:replayed"
    GRANT_REPLAYED = "grant:polled:replayed"
    DEVICE_ALLOWED = "grant:device:allowed"
    DEVICE_DENIED = "grant:device:denied"
    TOKEN_EXCHANGED = "grant:token:exchanged"
    BACKCHANNEL_ASKED = "grant:backchannel:asked"
    BACKCHANNEL_ALLOWED = "grant:backchannel:allowed"
    BACKCHANNEL_DENIED = "grant:backchannel:denied"
    REFRESH_REPLAYED = "grant:refresh:replayed"
    FAMILY_REVOKED = "grant:family:revoked"
    CLIENT_CREATED = "client:self:created"
    CLIENT_SECRET_ROTATED = "client:secret:rotated"
    CLIENT_DISABLED = "client:self:disabled"
    CLIENT_ENABLED = "client:self:enabled"
    CLIENT_DELETED = "client:self:deleted"
    ROLE_ASSIGNED = "user:role:assigned"
    ROLE_TAKEN = "user:role:taken"
    MFA_ENABLED = "user:mfa:enabled"
    MFA_DISABLED = "user:mfa:disabled"
    BACKUP_CODE_USED = "user:mfa:backup-code-used"
    BACKUP_CODES_RENEWED = "user:mfa:backup-codes-renewed"
    PROFILE_CHANGED = "user:profile:changed"
    EMAIL_CHANGE_ASKED = "user:email:change-asked"
    EMAIL_CHANGED = "user:email:changed"
    EMAIL_CHANGE_UNDONE = "user:email:change-undone"
    TERMS_ACCEPTED = "consent:terms:accepted"
    TERMS_WITHDRAWN = "consent:terms:withdrawn"
    DATA_EXPORTED = "user:data:exported"
    ACCOUNT_DELETED = "user:account:deleted"
    ACCOUNT_RESTORED = "user:account:restored"
    ACCOUNT_ANONYMISED = "user:account:anonymised"
    DEVICE_FIRST_SEEN = "user:device:first-seen"
    SIGNIN_DISOWNED = "user:signin:disowned"
    USER_CREATED = "user:account:created-by-operator"
    USER_EDITED = "user:account:edited"
    USER_LOCKED = "user:account:locked"
    USER_UNLOCKED = "user:account:unlocked"
    RESET_FORCED = "user:reset:forced"
    VERIFICATION_FORCED = "user:verification:forced"
    USER_SIGNED_OUT = "user:sessions:ended-by-operator"
    USER_RESTORED = "user:account:restored-by-operator"
    SESSION_ENDED = "session:other:revoked"
    ROLE_CREATED = "role:self:created"
    ROLE_CHANGED = "role:self:changed"
    ROLE_DELETED = "role:self:deleted"
    INSTITUTION_CHANGED = "institution:self:changed"
    EVERYBODY_SIGNED_OUT = "system:sessions:revoked"
    STREAM_CHANGED = "client:stream:changed"
    NOTICE_FAILED = "client:notice:failed"
    LETTER_TRIED = "system:letter:tried"
    LETTER_RETRIED = "system:letter:retried"
    LETTERS_RETRIED = "system:letters:retried"
    LETTER_DROPPED = "system:letter:dropped"
    CLEANED_UP = "system:rows:cleaned"
    BRAND_CHANGED = "system:brand:changed"
    LOG_EXPORTED = "system:log:exported"
    CLIENT_CHANGED = "client:self:changed"
    PASSKEY_ADDED = "user:passkey:added"
    PASSKEY_REMOVED = "user:passkey:removed"
    DEVICE_TRUSTED = "user:device:trusted"
    DEVICE_UNTRUSTED = "user:device:untrusted"
    CONNECTION_LINKED = "user:connection:linked"
    CONNECTION_UNLINKED = "user:connection:unlinked"
    USER_IMPORTED = "user:account:imported"
    INITIAL_TOKEN_CREATED = "client:initial-token:created"
    INITIAL_TOKEN_REVOKED = "client:initial-token:revoked"
    KEY_ROTATED = "key:signing:rotated"
    KEY_REMOVED = "key:signing:removed"
    RESOURCE_CREATED = "resource:self:created"
    RESOURCE_CHANGED = "resource:self:changed"
    RESOURCE_DELETED = "resource:self:deleted"
    DETAIL_TYPE_CREATED = "detail-type:self:created"
    DETAIL_TYPE_CHANGED = "detail-type:self:changed"
    DETAIL_TYPE_DELETED = "detail-type:self:deleted"


@dataclass(frozen=True)
class Audit:
    """Writes into the transaction of what it records."""

    db: scoped_session[DbSession]
    clock: Clock
    surroundings: Surroundings

    def record(
        self,
        event: EventTag,
        *,
        user_id: uuid.UUID | None = None,
        actor_id: uuid.UUID | None = None,
        client_id: uuid.UUID | None = None,
        reason: str | None = None,
        **facts: Any,
    ) -> None:
        """Add a line to the security log; never a secret among the facts."""
        device = here.get()
        self.db.add(
            SecurityEvent(
                event=event.value,
                user_id=user_id,
                actor_id=actor_id,
                client_id=client_id,
                ip_address=device.ip,
                user_agent=device.user_agent,
                trace_id=device.trace_id,
                reason=reason,
                facts=facts,
                created_at=self.clock.now(),
            )
        )

    def record_signin(
        self,
        *,
        user_id: uuid.UUID | None,
        identifier: str | None,
        method: str,
        failure: str | None = None,
        action: str = "login",
    ) -> None:
        """Add a line to auth.login_history, granted or refused."""
        device = here.get()
        seen = self.surroundings.of(device)
        self.db.add(
            LoginRecord(
                user_id=user_id,
                action=action,
                status="failure" if failure else "success",
                auth_method=method,
                failure_reason=failure,
                ip_address=device.ip,
                user_agent=device.user_agent,
                device_type=seen.device_type,
                location_country=seen.country,
                location_city=seen.city,
                attempted_email=_storable(identifier),
                trace_id=device.trace_id or None,
                extra={},
                created_at=self.clock.now(),
            )
        )


def _storable(typed: str | None) -> str | None:
    """Make what somebody typed fit to be kept: no NUL, no half characters, no novel."""
    if typed is None:
        return None
    text = typed.replace("\x00", "").encode("utf-8", "replace").decode()
    return text[:MAX_TYPED]

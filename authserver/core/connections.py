"""Identities at other services: sign in with them, link and unlink them.

Issuer and subject say who it is; an address never does.  It only ever begins a new
account, and only if the provider vouches for it: whoever has an account already must
be signed in to link to it, or a stranger's account there would open theirs here.
"""

import uuid
from collections.abc import Sequence
from dataclasses import asdict, dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session as DbSession
from sqlalchemy.orm import scoped_session

from authserver.adapters.social.base import Identity
from authserver.clock import Clock
from authserver.config import Settings
from authserver.core.attempts import Attempt, Attempts
from authserver.core.audit import Audit, EventTag
from authserver.core.device import here
from authserver.core.letters import Letters
from authserver.core.sessions import Sessions
from authserver.core.signin import SignIn
from authserver.core.users import DENIED_STATUSES, MAX_NAME, Users, normalise_email
from authserver.core.verification import Verification
from authserver.errors import (
    AccountSuspended,
    AddressUnproved,
    AuthError,
    Conflict,
    ConnectFirst,
    InvalidInput,
    LastMethod,
    NotFound,
    NotSignedIn,
)
from authserver.models import OAuthProvider, Passkey, Session, User
from authserver.models.inserts import insert_into

BY_OTHERS = ["fed"]
"""No word of RFC 8176; Microsoft's and Okta's for a sign-in somewhere else."""
SIGN_UP_FIRST = (
    "Sign up with your email address first, and connect the other service afterwards."
)
SOMEBODY_ELSES = "That account is connected to somebody else here."
ONE_EACH = "Another account of that service is connected already. Disconnect it first."


@dataclass(frozen=True)
class Connections:
    """The registry of identities elsewhere."""

    db: scoped_session[DbSession]
    clock: Clock
    settings: Settings
    attempts: Attempts
    users: Users
    sessions: Sessions
    signin: SignIn
    verification: Verification
    letters: Letters
    audit: Audit

    def enter(
        self, attempt: Attempt, identity: Identity, *, kind: str
    ) -> tuple[Session, str]:
        """Sign in whoever a provider has named; make an account if there is none.

        Raises:
            AddressUnproved: New here, and the provider does not vouch for the address.
            ConnectFirst: New here, and the address has an account.
            SecondFactorNeeded: A second proof is due; the refusal carries a ticket.
            AccountSuspended: The account may not be used.
        """
        row = self._find(identity)
        try:
            user = self._owner(row) if row else self._welcome(identity)
        except (AddressUnproved, ConnectFirst, AccountSuspended) as refusal:
            self._record_refusal(refusal, attempt, identity, row)
            raise
        if row is None:
            row = self._connect(user, identity, attempt.provider)
        self._note_use(row, identity)
        return self.signin.with_proof(
            user,
            method=attempt.provider,
            amr=BY_OTHERS,
            remember=attempt.wish.remember,
            kind=kind,
        )

    def _record_refusal(
        self,
        refusal: AuthError,
        attempt: Attempt,
        identity: Identity,
        row: OAuthProvider | None,
    ) -> None:
        self.audit.record_signin(
            user_id=row.user_id if row else None,
            identifier=identity.email,
            method=attempt.provider,
            failure=refusal.code,
        )

    def _owner(self, row: OAuthProvider) -> User:
        user = self.db.get(User, row.user_id)
        if user is None or user.deleted_at is not None:
            raise AccountSuspended(f"user {row.user_id} is deleted")
        return user

    def _welcome(self, identity: Identity) -> User:
        """Give the account that a new identity begins."""
        try:
            address = normalise_email(identity.email or "")
        except InvalidInput:
            raise AddressUnproved(f"no address of {identity.subject}") from None
        if not identity.is_email_verified:
            raise AddressUnproved(f"{identity.issuer} does not vouch for {address}")
        user = self.users.find_by_email(address)
        if user is not None and user.waits_for_proof:
            # Begun by somebody who never proved the address; this one has (C12).
            self.verification.claim(user)
            return user
        if user is not None:
            return self._came_at_once(address, identity)
        return self._new_account(address, identity)

    def _new_account(self, address: str, identity: Identity) -> User:
        name = " ".join((identity.name or "").split())[:MAX_NAME] or None
        known = {"full_name"} if name else set()
        if missing := set(self.settings.signup_required_fields) - known:
            raise Conflict(f"sign-up asks for {sorted(missing)}", public=SIGN_UP_FIRST)
        user, is_new = self.users.find_or_add(
            address,
            password_hash=None,
            full_name=name,
            avatar_url=identity.picture,
            language=here.get().language,
        )
        if is_new:
            self.users.mark_verified(user)
            return user
        return self._came_at_once(address, identity)

    def _came_at_once(self, address: str, identity: Identity) -> User:
        """Give the account that the same identity has begun meanwhile, and no other."""
        row = self._find(identity)
        if row is None:
            raise ConnectFirst(f"{address} has an account")
        return self._owner(row)

    # -- Linking

    def list_of(self, user_id: uuid.UUID) -> Sequence[OAuthProvider]:
        """Give what a user has linked, the oldest first."""
        return self.db.scalars(
            select(OAuthProvider)
            .where(OAuthProvider.user_id == user_id)
            .order_by(OAuthProvider.created_at)
        ).all()

    def link(self, attempt: Attempt, identity: Identity) -> OAuthProvider:
        """Link an identity to whoever was signed in when they left, and still is.

        Raises:
            NotSignedIn: The session has ended meanwhile.
            Conflict: It is somebody else's, or one of this provider is linked.
        """
        user = self._still_there(attempt)
        self._lock(user.id)
        row = self._find(identity)
        if row is not None and row.user_id != user.id:
            raise Conflict(
                f"{identity.subject} is {row.user_id}'s", public=SOMEBODY_ELSES
            )
        if row is None:
            if any(one.issuer == identity.issuer for one in self.list_of(user.id)):
                raise Conflict(f"{user.id} has one of that issuer", public=ONE_EACH)
            row = self._connect(user, identity, attempt.provider)
            self.letters.mfa_changed(user, "connection_added")
        self._note_use(row, identity)
        return row

    def unlink(
        self, user_id: uuid.UUID, provider: str, *, session_id: uuid.UUID | None
    ) -> None:
        """Take the identity at a provider from one's own account.

        Raises:
            StepUpNeeded: The last proof is too old.
            NotFound: There is none.
            LastMethod: There would be no way left to sign in.
        """
        self.sessions.require_recent(session_id)
        user = self.users.get(user_id)
        # Locked: of two that go at one moment each must see the other gone.
        self._lock(user_id)
        held = self.list_of(user_id)
        leaving = [row for row in held if row.provider == provider]
        if not leaving:
            raise NotFound(f"{user_id} has no connection {provider[:40]!r}")
        if len(leaving) == len(held) and not self._has_way_of_its_own(user):
            raise LastMethod(f"{user_id} has no other way than {provider}")
        for row in leaving:
            self.db.delete(row)
        self.audit.record(
            EventTag.CONNECTION_UNLINKED, user_id=user_id, provider=provider
        )
        self.letters.mfa_changed(user, "connection_removed")

    def _has_way_of_its_own(self, user: User) -> bool:
        """Whether there is a password or a passkey; a link by mail is no way to keep."""
        held = select(Passkey.id).where(Passkey.user_id == user.id).limit(1)
        return bool(user.password_hash) or self.db.scalar(held) is not None

    def _still_there(self, attempt: Attempt) -> User:
        wish = attempt.wish
        session = self.db.get(Session, wish.session_id) if wish.session_id else None
        if (
            session is None
            or not session.is_active
            or session.user_id != wish.user_id
            or session.expires_at <= self.clock.now()
        ):
            raise NotSignedIn("whoever began to link is not signed in any more")
        user = self.users.get(session.user_id)
        if user.status in DENIED_STATUSES:
            raise AccountSuspended(f"user {user.id} is {user.status}")
        return user

    # -- Rows

    def _lock(self, user_id: uuid.UUID) -> None:
        self.db.execute(select(User.id).where(User.id == user_id).with_for_update())

    def _find(self, identity: Identity) -> OAuthProvider | None:
        return self.db.scalar(
            select(OAuthProvider).where(
                OAuthProvider.issuer == identity.issuer,
                OAuthProvider.subject == identity.subject,
            )
        )

    def _connect(self, user: User, identity: Identity, provider: str) -> OAuthProvider:
        """Add a row; of two requests with one identity one adds it."""
        added = self.db.scalar(
            insert_into(self.db, OAuthProvider)
            .values(
                id=uuid.uuid4(),
                user_id=user.id,
                provider=provider,
                issuer=identity.issuer,
                subject=identity.subject,
                created_at=self.clock.now(),
            )
            .on_conflict_do_nothing()
            .returning(OAuthProvider.id)
        )
        row = self._find(identity)
        if row is None or row.user_id != user.id:
            raise Conflict(f"{identity.subject} has been taken", public=SOMEBODY_ELSES)
        if added is not None:
            self.audit.record(
                EventTag.CONNECTION_LINKED,
                user_id=user.id,
                provider=provider,
                subject=identity.subject,
            )
        return row

    def _note_use(self, row: OAuthProvider, identity: Identity) -> None:
        row.email, row.last_used_at = identity.email, self.clock.now()
        told = asdict(identity)
        row.profile = {
            name: told[name]
            for name in ("name", "username", "picture", "is_email_verified")
            if told[name] is not None
        }

"""Second factors: TOTP and backup codes; enrol, confirm, check, drop.

A TOTP code is taken once (RFC 6238 §5.2), by one UPDATE that moves the last step on.
Backup codes are checked against fingerprints; a sealed copy is kept for display in sudo
mode where the operator allows it (C15).  Tries have a limit of their own, so that a
password cannot be locked by guessing codes, nor the other way round (C5).
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import delete, or_, select, update
from sqlalchemy.orm import Session as DbSession
from sqlalchemy.orm import scoped_session

from authserver.clock import Clock
from authserver.config import Settings
from authserver.core.audit import Audit, EventTag
from authserver.core.letters import Letters
from authserver.core.limiter import Limiter
from authserver.crypto import opaque, totp
from authserver.crypto.sealed import Sealer
from authserver.errors import Conflict, NotFound, WrongCode
from authserver.models import TrustedDevice, User

BACKUP_CODES = 10
BACKUP_ALPHABET = "23456789abcdefghjkmnpqrstuvwxyz"
"""No 0/o, 1/l/i: what people copy from paper."""
LIMIT = "mfa:account"
BASE32 = re.compile(r"[A-Z2-7]{16,}=*")
PLAIN_CODE = re.compile(r"[A-Za-z0-9 -]{4,20}")


@dataclass(frozen=True)
class Enrolment:
    """What an authenticator app needs, shown once."""

    secret: str
    uri: str


@dataclass(frozen=True)
class Mfa:
    """The second factors of users."""

    db: scoped_session[DbSession]
    clock: Clock
    settings: Settings
    sealer: Sealer
    audit: Audit
    letters: Letters
    limiter: Limiter
    pepper: bytes

    def begin(self, user: User) -> Enrolment:
        """Make a new secret; it does not count before ``confirm``.

        Raises:
            Conflict: A second factor is set up already.
        """
        if user.mfa_enabled:
            raise Conflict("already enrolled", public="TOTP is set up already.")
        secret = totp.new_totp_secret()
        user.mfa_secret = self.sealer.seal(secret.encode(), user.id.bytes)
        user.totp_last_step = None
        uri = totp.provisioning_uri(secret, user.email, self.settings.brand_name)
        return Enrolment(secret, uri)

    def pending(self, user: User) -> Enrolment | None:
        """Give the secret that waits to be confirmed, so that a reload shows it again."""
        if user.mfa_enabled or not user.mfa_secret:
            return None
        secret = self._secret(user)
        uri = totp.provisioning_uri(secret, user.email, self.settings.brand_name)
        return Enrolment(secret, uri)

    def confirm(self, user: User, code: str) -> list[str]:
        """Turn it on with a first code; give the backup codes.

        Raises:
            NotFound: ``begin`` was not called.
            Conflict: It is on already.
            WrongCode: The code does not fit.
            TooManyTries: Too many codes were tried.
        """
        if user.mfa_enabled:
            raise Conflict("already enrolled", public="TOTP is set up already.")
        if not user.mfa_secret:
            raise NotFound("no pending enrolment")
        self.limiter.hit(LIMIT, str(user.id))
        if not self._takes_totp(user, code):
            raise WrongCode("first TOTP code does not fit")
        self.limiter.clear(LIMIT, str(user.id))
        user.mfa_enabled = True
        codes = self.new_backup_codes(user)
        self.audit.record(EventTag.MFA_ENABLED, user_id=user.id, method="totp")
        self.letters.mfa_changed(user, "totp_added")
        return codes

    def disable(self, user: User) -> None:
        """Turn it off; who may was checked before (C14)."""
        user.mfa_enabled, user.mfa_secret = False, None
        user.mfa_backup_codes = user.backup_codes_sealed = None
        user.totp_last_step = None
        trusted = TrustedDevice.user_id == user.id
        self.db.execute(delete(TrustedDevice).where(trusted))
        self.audit.record(EventTag.MFA_DISABLED, user_id=user.id, method="totp")
        self.letters.mfa_changed(user, "totp_removed")

    def check(self, user: User, code: str) -> str:
        """Take a TOTP or backup code; give the ``amr`` word of it (RFC 8176).

        Raises:
            WrongCode: Neither fits, or it was used before.
            TooManyTries: Too many codes were tried.
        """
        self.limiter.hit(LIMIT, str(user.id))
        if self._takes_totp(user, code):
            word = "otp"
        elif self._takes_backup(user, code):
            word = "kba"
            self.audit.record(EventTag.BACKUP_CODE_USED, user_id=user.id)
            self.letters.mfa_changed(user, "backup_code_used")
        else:
            raise WrongCode(f"no factor of {user.id} takes this code")
        self.limiter.clear(LIMIT, str(user.id))
        return word

    def new_backup_codes(self, user: User) -> list[str]:
        """Make ten new codes; the ones before end."""
        codes = [_new_code() for _ in range(BACKUP_CODES)]
        user.mfa_backup_codes = [self._print(user, code) for code in codes]
        user.backup_codes_sealed = None
        if self.settings.backup_codes_viewable:
            plain = "\n".join(codes).encode()
            user.backup_codes_sealed = self.sealer.seal(plain, user.id.bytes)
        return codes

    def backup_codes(self, user: User) -> list[str]:
        """Give the codes that are left, for display in sudo mode.

        Raises:
            NotFound: There are none, or they are shown only once here.
        """
        if not user.backup_codes_sealed:
            raise NotFound("no viewable backup codes")
        plain = self.sealer.open(user.backup_codes_sealed, user.id.bytes).decode()
        left = set(user.mfa_backup_codes or ())
        return [code for code in plain.split("\n") if self._print(user, code) in left]

    def take_over(self) -> tuple[int, int]:
        """Seal what an older service kept in the clear (C20).

        Give for how many people, and how many have a secret that nobody can read:
        their second factor has to be set up anew.
        """
        sealed = unreadable = 0
        older = User.mfa_secret.is_not(None) & ~User.mfa_secret.startswith("s1.")
        for user in self.db.scalars(select(User).where(older)):
            secret = "".join((user.mfa_secret or "").split()).upper()
            if not BASE32.fullmatch(secret):
                unreadable += 1
                continue
            sealed += 1
            user.mfa_secret = self.sealer.seal(secret.encode(), user.id.bytes)
            # Codes that were hashed stay: we cannot know of what.
            user.mfa_backup_codes = [
                self._print(user, code) if PLAIN_CODE.fullmatch(code) else code
                for code in user.mfa_backup_codes or ()
            ]
        return sealed, unreadable

    def _takes_totp(self, user: User, code: str) -> bool:
        if not user.mfa_secret:
            return False
        step = totp.matching_step(
            self._secret(user), code, self.clock.now(), last_step=user.totp_last_step
        )
        if step is None:
            return False
        moved = self.db.scalar(
            update(User)
            .where(
                User.id == user.id,
                or_(User.totp_last_step.is_(None), User.totp_last_step < step),
            )
            .values(totp_last_step=step)
            .returning(User.id)
            .execution_options(synchronize_session=False)
        )
        return moved is not None

    def _takes_backup(self, user: User, code: str) -> bool:
        # The row is locked, and read again under the lock: two who send one code at
        # one moment must not both find it in the list.
        kept: Sequence[str] | None = self.db.scalar(
            select(User.mfa_backup_codes).where(User.id == user.id).with_for_update()
        )
        given = self._print(user, _normal(code))
        fitting = [one for one in kept or () if opaque.same(one, given)]
        if not fitting:
            return False
        user.mfa_backup_codes = [one for one in kept or () if one not in fitting]
        return True

    def _secret(self, user: User) -> str:
        return self.sealer.open(user.mfa_secret or "", user.id.bytes).decode()

    def _print(self, user: User, code: str) -> str:
        return opaque.fingerprint(f"backup|{user.id}|{_normal(code)}", key=self.pepper)


def _normal(code: str) -> str:
    return "".join(ch for ch in code.lower() if ch.isalnum())[:64]


def _new_code() -> str:
    letters = opaque.new_word(10, BACKUP_ALPHABET)
    return f"{letters[:5]}-{letters[5:]}"

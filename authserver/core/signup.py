"""Sign up, without telling who has an account (C12)."""

import uuid
from dataclasses import dataclass
from datetime import datetime

from authserver.core.challenges import Purpose
from authserver.core.device import here
from authserver.core.personal import clean_cpf, clean_phone, clean_username, gather
from authserver.core.proof_of_work import ProofOfWork, Shown
from authserver.core.signin import SignIn
from authserver.core.users import clean_name, normalise_email
from authserver.core.verification import Verification
from authserver.errors import Conflict, InvalidInput
from authserver.models import Challenge, Session, User

NOTHING = Shown()
SIGNUP_LIMIT = "signup:account"
REQUIRED = "This is required."
TAKEN = {
    "email": "That address has an account already.",
    "username": "That user name is taken.",
    "phone": "That number belongs to another account.",
    "cpf": "That CPF belongs to another account.",
}


@dataclass(frozen=True)
class Wish:
    """What somebody asks an account with."""

    email: str
    password: str | None
    full_name: str | None = None
    username: str | None = None
    phone: str | None = None
    cpf: str | None = None


@dataclass(frozen=True)
class Applicant:
    """What whoever signs up is told: their own words, and an id."""

    id: uuid.UUID
    email: str
    full_name: str | None
    username: str | None
    phone: str | None
    language: str
    created_at: datetime
    status: str = "pending_verification"
    is_email_verified: bool = False


@dataclass(frozen=True)
class Applied:
    """A try to sign up: the challenge that finishes it, and what may be told of it."""

    challenge: Challenge
    user: User
    applicant: Applicant
    is_new: bool


@dataclass(frozen=True)
class SignUp(Verification):
    """Begins accounts; ``Verification`` finishes them."""

    signin: SignIn
    work: ProofOfWork

    def register(
        self,
        *,
        email: str,
        password: str,
        full_name: str | None = None,
        interaction_id: uuid.UUID | None = None,
        shown: Shown = NOTHING,
    ) -> Challenge:
        """Begin an account from the page; see ``apply``."""
        wish = Wish(email, password, full_name)
        return self.apply(wish, interaction_id=interaction_id, shown=shown).challenge

    def begin_by_mail(
        self,
        *,
        email: str,
        full_name: str | None = None,
        interaction_id: uuid.UUID | None = None,
    ) -> Challenge:
        """Begin an account by its letter alone; the password is chosen afterwards.

        The way for browsers that cannot work: nothing is hashed before somebody has
        the code, and an address gets so many letters.

        Raises:
            InvalidInput: A field is wrong.
            TooManyTries: The address has been tried too often.
        """
        checked = self._check(Wish(email, None, full_name))
        self.limiter.hit(SIGNUP_LIMIT, checked.email)
        return self._apply(checked, interaction_id, enters=False)[0].challenge

    def first_password(self, user: User, spent: Challenge) -> str | None:
        """Give the ticket to choose a password by, after ``begin_by_mail``.

        None for who has one, or a second factor: a letter opens nothing that is theirs.
        """
        is_bare = user.password_hash is None and not user.mfa_enabled
        if not is_bare or spent.extra.get("password_hash", "") is not None:
            return None
        issued = self.challenges.issue(
            Purpose.SETUP,
            user.id,
            ttl=self.settings.verification_ttl,
            email=user.email,
            by="mail",
        )
        return issued.token

    def apply(
        self,
        wish: Wish,
        *,
        interaction_id: uuid.UUID | None = None,
        shown: Shown = NOTHING,
    ) -> Applied:
        """Begin an account and give the challenge whose handle goes into the URL.

        Whoever has an account already gets a letter that says so, and the answer is
        the same: it repeats what was typed, under an id that is the account's own only
        for the try that made it.

        Raises:
            InvalidInput: A field is wrong, or the user name is taken.
            ProofOfWorkNeeded: Work is due first.
            TooManyTries: The address has been tried too often (C4).
        """
        checked = self._check(wish)
        self.work.require(shown)
        self.limiter.hit(SIGNUP_LIMIT, checked.email)
        return self._apply(checked, interaction_id, enters=False)[0]

    def open_account(
        self, wish: Wish, *, remember: bool, shown: Shown = NOTHING
    ) -> tuple[Applied, Session | None]:
        """Begin an account and let its maker in at once, not far (C12; S2's register).

        With ``ENUMERATION_PROTECTION=strict`` it is the same as ``apply``.

        Raises:
            Conflict: Address, number or CPF has an account; by field.
            InvalidInput: A field is wrong, or the user name is taken.
            ProofOfWorkNeeded: Work is due first.
            TooManyTries: The address has been tried too often.
        """
        checked = self._check(wish)
        self.work.require(shown)
        self.limiter.hit(SIGNUP_LIMIT, checked.email)
        if self.settings.enumeration_protection == "strict":
            return self._apply(checked, None, enters=False)[0], None
        taken = self._taken(checked)
        if taken:
            raise _conflict(taken)
        applied, session = self._apply(checked, None, enters=True, remember=remember)
        if not applied.is_new:
            raise _conflict({"email"})
        return applied, session

    def _apply(
        self,
        wish: Wish,
        interaction_id: uuid.UUID | None,
        *,
        enters: bool,
        remember: bool = False,
    ) -> tuple[Applied, Session | None]:
        chosen = wish.password
        secret = self.passwords.hash(chosen) if chosen is not None else None
        user, is_new = self.users.find_or_add(
            wish.email,
            password_hash=secret,
            full_name=wish.full_name,
            language=here.get().language,
        )
        applicant = self._applicant(wish, user, is_new=is_new)
        if not user.waits_for_proof:
            self.letters.account_exists(user, nobody=user.deleted_at is not None)
            # A challenge that nobody was told the secrets of: any code is wrong.
            decoy = self._challenge(user, wish.email, interaction_id, decoy=True)
            return Applied(decoy.row, user, applicant, is_new), None
        session = None
        facts: dict[str, object] = {
            "password_hash": secret,
            "full_name": wish.full_name,
            "username": wish.username,
            "phone": wish.phone,
            "cpf_sealed": self.cpfs.seal(user.id, wish.cpf),
        }
        if enters and is_new:
            session, _ = self.signin.at_signup(user, remember=remember)
            facts["session_id"] = str(session.id)
        issued = self._challenge(user, wish.email, interaction_id, **facts)
        self._write(user, issued)
        return Applied(issued.row, user, applicant, is_new), session

    def _applicant(self, wish: Wish, user: User, *, is_new: bool) -> Applicant:
        return Applicant(
            id=user.id if is_new else uuid.uuid4(),
            email=wish.email,
            full_name=wish.full_name,
            username=wish.username,
            phone=wish.phone,
            language=here.get().language,
            created_at=self.challenges.clock.now(),
        )

    def _check(self, wish: Wish) -> Wish:
        """Check all fields, so that all faults come back at once; give them clean."""
        faults: dict[str, list[str]] = {}
        address = gather(faults, lambda: normalise_email(wish.email)) or wish.email
        name = gather(faults, lambda: clean_name(wish.full_name))
        username = gather(faults, lambda: clean_username(wish.username))
        phone = gather(faults, lambda: clean_phone(wish.phone))
        cpf = gather(faults, lambda: clean_cpf(wish.cpf))
        known = [wish.email, name, username]
        if (chosen := wish.password) is not None:
            gather(faults, lambda: self.passwords.check(chosen, context=known))
        clean = Wish(address, wish.password, name, username, phone, cpf)
        for field in self.settings.signup_required_fields:
            if not getattr(clean, field):
                faults.setdefault(field, [REQUIRED])
        # Also when it is the owner's own: else it would tell whose address it is.
        if not self.users.is_free("username", username, None):
            faults["username"] = [TAKEN["username"]]
        if faults:
            raise InvalidInput(fields=faults)
        return clean

    def _taken(self, wish: Wish) -> set[str]:
        taken = {
            field
            for field in ("email", "phone")
            if not self.users.is_free(field, getattr(wish, field), None)
        }
        if wish.cpf and self.cpfs.find(wish.cpf) is not None:
            taken.add("cpf")
        return taken

    def is_available(self, field: str, value: str) -> bool:
        """Say whether an address or user name may be taken.

        With ``ENUMERATION_PROTECTION=strict`` of an address it is never said.

        Raises:
            InvalidInput: It is no address, or no user name.
        """
        if field == "username":
            return self.users.is_free(field, clean_username(value), None)
        address = normalise_email(value)
        if self.settings.enumeration_protection == "strict":
            return True
        return self.users.is_free("email", address, None)


def _conflict(taken: set[str]) -> Conflict:
    refusal = Conflict(f"taken: {sorted(taken)}")
    refusal.fields = {field: [TAKEN[field]] for field in sorted(taken)}
    return refusal

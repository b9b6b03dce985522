"""Refusals about the person: who is there, how sure are we, may they do that."""

from authserver.errors.base import AuthError


class BadCredentials(AuthError):
    """Wrong password, wrong code, or nobody by that name: we never say which."""

    status, code, number = 401, "bad_credentials", "AUTH_101"
    oauth = "invalid_grant"
    message = "That sign-in did not work."
    recorded = True


class NotSignedIn(AuthError):
    """Nobody is signed in, or the proof of it has ended."""

    status, code, number = 401, "not_signed_in", "AUTH_102"
    oauth = "login_required"
    message = "Please sign in."


class SecondFactorNeeded(AuthError):
    """The first proof was right; another is due."""

    status, code, number = 401, "second_factor_needed", "AUTH_103"
    oauth = "interaction_required"
    message = "A second proof is needed."
    recorded = True

    def __init__(
        self, detail: str = "", *, ticket: str, methods: tuple[str, ...]
    ) -> None:
        """Carry the ticket of the half-done sign-in and the ways to finish it."""
        super().__init__(detail)
        self.ticket = ticket
        self.methods = methods


class StepUpNeeded(AuthError):
    """What is asked is sensitive: the proof of presence is too old (RFC 9470)."""

    status, code, number = 403, "step_up_needed", "AUTH_104"
    oauth = "login_required"
    message = "Please confirm that it is you."


class AccountSuspended(AuthError):
    """Said only to somebody who has proved the first factor."""

    status, code, number = 403, "account_suspended", "AUTH_105"
    oauth = "access_denied"
    message = "This account is suspended."
    recorded = True


class PermissionMissing(AuthError):
    """Signed in, but not allowed to do that."""

    status, code, number = 403, "permission_missing", "AUTH_106"
    oauth = "access_denied"
    message = "You may not do that."


class ChallengeExpired(AuthError):
    """A one-time secret that is unknown, spent, or too old: we never say which."""

    status, code, number = 410, "challenge_expired", "AUTH_107"
    oauth = "invalid_grant"
    message = "This code or link is not valid any more. Ask for a new one."


class WrongCode(AuthError):
    """A one-time code did not match; the try is counted."""

    status, code, number = 400, "wrong_code", "AUTH_108"
    oauth = "invalid_grant"
    message = "That code is not right."
    recorded = True


class NotVerified(AuthError):
    """The address must be verified before this; said after a right password only."""

    status, code, number = 403, "not_verified", "AUTH_109"
    oauth = "access_denied"
    message = "Please verify your email address first."
    recorded = True


class LastMethod(AuthError):
    """Taking this away would lock the person out."""

    status, code, number = 409, "last_method", "AUTH_110"
    message = "This is your last way to sign in. Add another one first."


class PasswordChangeNeeded(AuthError):
    """The password was right, but is one that must not stay; carries a ticket."""

    status, code, number = 403, "password_change_needed", "AUTH_111"
    oauth = "interaction_required"
    message = "Please choose another password."
    recorded = True

    def __init__(self, detail: str = "", *, ticket: str) -> None:
        """Carry the one-time token that sets another password."""
        super().__init__(detail)
        self.ticket = ticket


class ProviderFailed(AuthError):
    """Another service did not say who it is, or not in a way to believe."""

    status, code, number = 502, "provider_failed", "AUTH_112"
    oauth = "access_denied"
    message = "The other service did not confirm who you are. Please try again."
    recorded = True


class ConnectFirst(AuthError):
    """The address has an account: only its owner, signed in, may connect to it.

    Said only to somebody whose address the other service has verified.
    """

    status, code, number = 409, "connect_first", "AUTH_113"
    oauth = "access_denied"
    message = (
        "There is an account with this email address already. Sign in to it, and "
        "connect the other service there."
    )
    recorded = True


class AddressUnproved(AuthError):
    """The other service does not vouch for the address: it may be anybody's."""

    status, code, number = 403, "address_unproved", "AUTH_114"
    oauth = "access_denied"
    message = (
        "The other service has not verified your email address. Verify it there, or "
        "sign up here with your email address."
    )
    recorded = True


class AccountChanged(AuthError):
    """A form of a page that was shown to one person, while another is in front now."""

    status, code, number = 409, "account_changed", "AUTH_115"
    message = (
        "You are signed in with another account now. Nothing was changed. Open the "
        "page again to go on with this one."
    )


class ProofOfWorkNeeded(AuthError):
    """Work is due before this; the refusal carries a puzzle (RFC 6585 §3)."""

    status, code, number = 428, "proof_of_work_needed", "AUTH_116"
    message = (
        "Your browser has to do a short calculation first, which keeps robots away. "
        "Please send the form once more."
    )

    def __init__(self, detail: str = "", *, puzzle: str) -> None:
        """Carry the puzzle, in a header too."""
        super().__init__(detail)
        self.puzzle = puzzle
        self.headers = {"X-Proof-Of-Work": puzzle}

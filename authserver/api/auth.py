"""Sign up, verify, sign in, by password or by mail; stay signed in, sign out."""

from typing import Any

from flask import request
from flask_babel import gettext

from authserver.api import actors, delivery
from authserver.api.endpoint import ANYONE, Answer, endpoint
from authserver.api.schemas.auth import (
    AddressRequest,
    AvailabilityQuery,
    AvailabilityResponse,
    MagicLinkVerifyRequest,
    RegisterRequest,
    RegisterResponse,
    SigninRequest,
    SigninResponse,
    SignupRequest,
    SignupResponse,
    VerifiedResponse,
    VerifyEmailRequest,
)
from authserver.api.schemas.tokens import RefreshRequest, TokensResponse
from authserver.core.proof_of_work import Shown
from authserver.core.signup import Applied, Wish
from authserver.errors import (
    AccountSuspended,
    BadCredentials,
    ChallengeExpired,
    Conflict,
    CsrfFailed,
    InvalidGrant,
    InvalidInput,
    InvalidToken,
    NotSignedIn,
    NotVerified,
    PasswordChangeNeeded,
    ProofOfWorkNeeded,
    SecondFactorNeeded,
    WrongCode,
)
from authserver.http.context import browser_id, services
from authserver.http.limits import network

KIND = "api"
SIGNIN_REFUSALS = (BadCredentials, AccountSuspended, NotVerified, WrongCode)


@endpoint(
    takes=SignupRequest,
    gives=SignupResponse,
    who=ANYONE,
    limit="signin",
    status=201,
    once=True,
    refuses=(ProofOfWorkNeeded,),
)
def signup(**given: Any) -> dict[str, Any]:
    """Begin an account and send a letter that verifies the address.

    The answer is the same for every address: whoever has an account already gets a
    letter that says so, and nobody else learns of it. `user` repeats what was typed;
    `user_id` is the account's id for the call that began it. The password counts once
    this call's own code or link has come back. A user name is public, so a taken one
    is refused; a telephone number or CPF of somebody else's is left out at
    verification. Where `PROOF_OF_WORK` asks for it, 428 carries a puzzle in the header
    `X-Proof-Of-Work`; send the call again with its answer in the same header.
    """
    return _applied(services().signup.apply(Wish(**given), shown=_work()))


@endpoint(
    takes=RegisterRequest,
    gives=RegisterResponse,
    who=ANYONE,
    limit="signin",
    status=201,
    once=True,
    refuses=(Conflict, ProofOfWorkNeeded),
)
def register(*, remember: bool, **given: Any) -> Answer | dict[str, Any]:
    """Begin an account and sign in at once, not far.

    Until the address is verified the tokens reach `GET /users/me` and what else is
    open before that, and carry no scope but `openid`; refreshing them afterwards gives
    all scopes. An address, number or CPF that has an account is refused with 409 and
    its field. With `ENUMERATION_PROTECTION=strict` this is exactly
    `POST /auth/signup`: no tokens, and no 409.
    """
    applied, session = services().signup.open_account(
        Wish(**given), remember=remember, shown=_work()
    )
    if session is None:
        return _applied(applied)
    return delivery.admit(session, **_applied(applied))


def _work() -> Shown:
    return Shown(request.headers.get("X-Proof-Of-Work", ""), network())


def _applied(applied: Applied) -> dict[str, Any]:
    return {
        "user_id": applied.applicant.id,
        "user": applied.applicant,
        "verificationRequired": True,
    }


@endpoint(
    takes=SigninRequest,
    gives=SigninResponse,
    who=ANYONE,
    limit="signin",
    refuses=SIGNIN_REFUSALS,
)
def signin(
    identifier: str,
    password: str,
    *,
    remember: bool,
    twoFactorCode: str | None,  # noqa: N803 -- the wire's spelling
) -> Answer | dict[str, Any]:
    """Sign in with address or user name, and password.

    Wrong password, unknown name and locked password are one answer. With a second
    factor set up and no `twoFactorCode` the answer is `mfaRequired` with a ticket for
    `POST /auth/mfa/verify`. A default password gives `passwordChangeRequired` with a
    token for `POST /auth/reset-password`. After five failures the password is locked
    for 15 minutes, but not for a browser that has signed this user in before. Tries
    are limited by network and by account, five a minute and ten in 15 minutes.
    """
    browser_id()
    try:
        session, _ = services().signin.with_password(
            identifier, password, remember=remember, kind=KIND, code=twoFactorCode
        )
    except (SecondFactorNeeded, PasswordChangeNeeded) as due:
        return delivery.what_is_due(due)
    return delivery.admit(session)


@endpoint(
    takes=RefreshRequest,
    gives=TokensResponse,
    who=ANYONE,
    limit="public",
    refuses=(NotSignedIn, InvalidGrant, CsrfFailed),
)
def refresh(refreshToken: str | None) -> Answer:  # noqa: N803
    """Spend a refresh token for the next pair.

    Each works once. The one just spent may come again for half a minute, when the
    answer was lost, and gives the same successor; any other return of a spent token
    ends the sign-in and is mailed to its owner. In cookie mode the body is empty and
    `X-CSRF-Token` is needed.
    """
    kept = None if refreshToken else delivery.kept_refresh_token()
    token = refreshToken or kept
    if token is None:
        raise NotSignedIn("no refresh token")
    pair = services().pairs.rotate(token)
    return delivery.hand_over(pair, in_cookies=True if kept else None)


@endpoint(
    takes=VerifyEmailRequest,
    gives=VerifiedResponse,
    who=ANYONE,
    limit="public",
    refuses=(WrongCode, ChallengeExpired),
)
def verify_email(email: str | None, code: str) -> dict[str, Any]:
    """Prove an address, by the code of the letter or by the token of its link.

    Either spends both. A code needs its `email`, and takes five wrong tries; what is
    wrong with it, and whether the address is known, is not said.
    """
    user, _ = services().signup.finish(code, email=email)
    return {"verified": True, "passwordResetRequired": user.password_hash is None}


@endpoint(takes=AddressRequest, who=ANYONE, limit="public")
def resend(email: str) -> Answer:
    """Send a new code and link to an address that waits to be verified.

    The answer is the same for every address. An address gets five letters in 15
    minutes at most; those sent before stay good.
    """
    services().signup.resend_to(email)
    return Answer(message=gettext("If it waits to be verified, a letter is coming."))


@endpoint(
    query=AvailabilityQuery, gives=AvailabilityResponse, who=ANYONE, limit="lookup"
)
def check_availability(email: str | None, username: str | None) -> dict[str, bool]:
    """Say whether an address or a user name may be taken.

    With `ENUMERATION_PROTECTION=strict` every address is said to be available: signing
    up tells its owner, and nobody else.
    """
    asked = {"email": email, "username": username}
    found = {
        f"{field}Available": services().signup.is_available(field, value)
        for field, value in asked.items()
        if value is not None
    }
    if not found:
        raise InvalidInput(fields={"email": ["Send email or username."]})
    return found


@endpoint(takes=AddressRequest, who=ANYONE, limit="public")
def ask_magic_link(email: str) -> Answer:
    """Send a link and a code that sign in, for 15 minutes.

    The answer is the same for every address. Where the call carries our browser
    cookie, the link opens in that browser alone.
    """
    services().magic_link.ask(email)
    return Answer(message=gettext("If it has an account, a letter is coming."))


@endpoint(
    takes=MagicLinkVerifyRequest,
    gives=SigninResponse,
    who=ANYONE,
    limit="public",
    refuses=(ChallengeExpired, WrongCode, AccountSuspended),
)
def enter_with_magic_link(
    email: str | None, code: str, *, remember: bool
) -> Answer | dict[str, Any]:
    """Sign in by the token of a magic link, or by the code of its letter.

    It proves the address too: an account that waited for that becomes active, without
    the password that somebody may have prepared. A second factor is still asked for.
    """
    browser_id()
    try:
        session, _ = services().magic_link.enter(
            code, email=email, remember=remember, kind=KIND
        )
    except (SecondFactorNeeded, PasswordChangeNeeded) as due:
        return delivery.what_is_due(due)
    return delivery.admit(session)


@endpoint(
    takes=RefreshRequest,
    who=ANYONE,
    limit="public",
    refuses=(NotSignedIn, InvalidToken, CsrfFailed),
)
def signout(refreshToken: str | None) -> Answer:  # noqa: N803
    """End a session and its tokens.

    By its refresh token, in the body or in the cookie; or without one, the session of
    the access token. A refresh token that is not known, or not the caller's own, is no
    fault and ends nothing.
    """
    token = refreshToken or delivery.kept_refresh_token()
    caller = actors.current() if token is None else _caller()
    own = services().own_tokens
    if token is not None:
        own.sign_out_with(token, user_id=caller.id if caller else None)
    elif caller is not None and caller.session_id is not None:
        own.sign_out(caller.session_id, user_id=caller.id)
    return Answer(prepare=delivery.take_back)


def _caller() -> actors.Actor | None:
    """Give who calls, if it shows; an access token that has ended is no fault here."""
    try:
        return actors.current()
    except (NotSignedIn, InvalidToken):
        return None


ROUTES = (
    ("POST", "/auth/signup", signup),
    ("POST", "/auth/register", register),
    ("POST", "/auth/signin", signin),
    ("POST", "/auth/login", signin),
    ("POST", "/auth/refresh", refresh),
    ("POST", "/auth/verify-email", verify_email),
    ("POST", "/verification-token/verify", verify_email),
    ("POST", "/auth/verify-email/resend", resend),
    ("POST", "/verification-token/request", resend),
    ("GET", "/auth/check-availability", check_availability),
    ("POST", "/auth/magic-link", ask_magic_link),
    ("POST", "/auth/magic-link/verify", enter_with_magic_link),
    ("POST", "/users/me/signout", signout),
    ("POST", "/auth/logout", signout),
)

"""A forgotten password: ask for a link, set another one."""

from flask_babel import gettext

from authserver.api.endpoint import ANYONE, Answer, endpoint
from authserver.api.schemas.auth import AddressRequest
from authserver.api.schemas.recovery import ResetRequest, ResetResponse
from authserver.errors import ChallengeExpired
from authserver.http.context import services


@endpoint(takes=AddressRequest, who=ANYONE, limit="public")
def forgot_password(email: str) -> Answer:
    """Send a link that sets another password, for an hour.

    The answer is the same for every address, and takes as long.
    """
    services().recovery.ask(email)
    return Answer(message=gettext("If it has an account, a letter is coming."))


@endpoint(
    takes=ResetRequest,
    gives=ResetResponse,
    who=ANYONE,
    limit="public",
    refuses=(ChallengeExpired,),
)
def reset_password(token: str, password: str) -> dict[str, bool]:
    """Set another password with the token of the letter, once.

    Every session and every token of the account ends, those of apps too, and a locked
    password is open again. A weak password is refused and leaves the token good.
    """
    services().recovery.reset(token, password)
    return {"passwordChanged": True, "sessionsRevoked": True}


ROUTES = (
    ("POST", "/auth/forgot-password", forgot_password),
    ("POST", "/auth/password/forgot", forgot_password),
    ("POST", "/reset-password/request", forgot_password),
    ("POST", "/auth/reset-password", reset_password),
    ("POST", "/auth/password/reset", reset_password),
    ("POST", "/reset-password/confirm", reset_password),
)

"""The second factor: set it up, turn it on and off, answer it, backup codes.

RFC 6238 by any authenticator app.  The paths ``/auth/2fa`` are those of an older
service; one of them turns it off by POST.
"""

from typing import Any

from authserver.adapters import qr
from authserver.api import actors, delivery
from authserver.api.endpoint import ANYONE, Answer, endpoint
from authserver.api.schemas.auth import SigninResponse
from authserver.api.schemas.mfa import (
    BackupCodesResponse,
    CodeRequest,
    DisableRequest,
    EnabledResponse,
    EnrolmentResponse,
    VerifyRequest,
)
from authserver.errors import (
    AccountSuspended,
    BadCredentials,
    ChallengeExpired,
    Conflict,
    NotFound,
    PasswordChangeNeeded,
    StepUpNeeded,
    TooManyTries,
    WrongCode,
)
from authserver.http.context import services
from authserver.http.unit_of_work import settle_refusal


@endpoint(
    gives=EnrolmentResponse,
    limit="public",
    refuses=(StepUpNeeded, Conflict),
)
def begin_mfa() -> dict[str, str]:
    """Begin to set up an authenticator app.

    Gives a secret as text, as `otpauth://` URL and as a QR code, once. It counts when
    `POST /auth/mfa/enable` has taken a first code of it; asking again gives another
    secret. It needs a sign-in or a `POST /auth/reauthenticate` of the last ten minutes.
    """
    actor = actors.current()
    begun = services().own_mfa.begin(actor.id, actor.session_id)
    return {
        "secret": begun.secret,
        "otpauthUrl": begun.uri,
        "qr": qr.svg(begun.uri),
    }


@endpoint(
    takes=CodeRequest,
    gives=EnabledResponse,
    limit="public",
    refuses=(WrongCode, NotFound, Conflict, TooManyTries),
)
def enable_mfa(code: str) -> dict[str, Any]:
    """Turn the second factor on with a first code of the app.

    Gives ten backup codes, each good once in the place of a code. The owner gets a
    letter. A code is taken once; five wrong ones in five minutes are enough.
    """
    codes = services().own_mfa.confirm(actors.current().id, code)
    return {"mfaEnabled": True, "backupCodes": codes}


@endpoint(
    takes=DisableRequest,
    gives=EnabledResponse,
    limit="public",
    refuses=(StepUpNeeded, BadCredentials, WrongCode, Conflict, TooManyTries),
)
def disable_mfa(password: str | None, code: str | None) -> dict[str, Any]:
    """Turn the second factor off.

    It needs a sign-in or a `POST /auth/reauthenticate` of the last ten minutes, and
    beside that the password or a code now. The owner gets a letter.
    """
    actor = actors.current()
    services().own_mfa.disable(actor.id, actor.session_id, password=password, code=code)
    return {"mfaEnabled": False, "backupCodes": []}


@endpoint(
    takes=VerifyRequest,
    gives=SigninResponse,
    who=ANYONE,
    limit="public",
    refuses=(WrongCode, ChallengeExpired, AccountSuspended, TooManyTries),
)
def verify_mfa(
    mfaToken: str,  # noqa: N803 -- the wire's spelling
    code: str,
) -> Answer | dict[str, Any]:
    """Finish a sign-in that waits for its second factor.

    The `mfaToken` of the first step is good for five minutes and outlives a wrong code.
    The answer is exactly that of a sign-in. A backup code does as well; the owner is
    told that one was used.
    """
    try:
        session, _ = services().signin.with_second_factor(mfaToken, code)
    except PasswordChangeNeeded as due:
        settle_refusal(due)
        return {"passwordChangeRequired": True, "resetToken": due.ticket}
    return delivery.admit(session)


@endpoint(gives=BackupCodesResponse, refuses=(StepUpNeeded, NotFound))
def show_backup_codes() -> dict[str, list[str]]:
    """Show the backup codes that are left.

    It needs a sign-in or a `POST /auth/reauthenticate` of the last ten minutes. Where
    the operator has set `MFA_BACKUP_CODES_VIEWABLE=false` they are shown only when they
    are made.
    """
    actor = actors.current()
    return {"backupCodes": services().own_mfa.backup_codes(actor.id, actor.session_id)}


@endpoint(
    gives=BackupCodesResponse,
    limit="public",
    refuses=(StepUpNeeded, Conflict),
    once=True,
)
def renew_backup_codes() -> dict[str, list[str]]:
    """Make ten new backup codes; those before end.

    It needs a sign-in or a `POST /auth/reauthenticate` of the last ten minutes. The
    owner gets a letter.
    """
    actor = actors.current()
    made = services().own_mfa.renew_backup_codes(actor.id, actor.session_id)
    return {"backupCodes": made}


ROUTES = (
    ("POST", "/auth/mfa/setup", begin_mfa),
    ("POST", "/auth/2fa/setup", begin_mfa),
    ("POST", "/auth/mfa/enable", enable_mfa),
    ("POST", "/auth/2fa/enable", enable_mfa),
    ("DELETE", "/auth/mfa/disable", disable_mfa),
    ("POST", "/auth/2fa/disable", disable_mfa),
    ("POST", "/auth/mfa/verify", verify_mfa),
    ("GET", "/auth/mfa/backup-codes", show_backup_codes),
    ("POST", "/auth/mfa/backup-codes", renew_backup_codes),
)

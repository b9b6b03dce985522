"""One's own account: profile, password, address, history, deletion."""

from collections.abc import Callable
from typing import Any

from authserver.api import actors, delivery
from authserver.api.endpoint import LIMITED, Answer, endpoint
from authserver.api.schemas.me import (
    DeleteRequest,
    DeleteResponse,
    EmailConfirmRequest,
    EmailRequest,
    EmailResponse,
    HistoryQuery,
    LoginHistoryPage,
    MeResponse,
    PasswordRequest,
    ProfileRequest,
    SecurityLogPage,
)
from authserver.core.directory import Page
from authserver.core.logs import LogWanted
from authserver.errors import (
    BadCredentials,
    ChallengeExpired,
    Conflict,
    StepUpNeeded,
    TooManyTries,
    WrongCode,
)
from authserver.http.context import services
from authserver.http.paging import is_count, read_cursor, write_cursor

PROOF = (BadCredentials, StepUpNeeded, TooManyTries)


@endpoint(gives=MeResponse, who=LIMITED)
def show_me() -> dict[str, Any]:
    """Give one's own account, with roles, permissions and institutions.

    `user` has the 26 keys of the older service. `mfa_secret` and `mfa_backup_codes` are
    always null; the lock's counters and `deleted_at` are shown to the owner alone. A
    CPF is masked here; the export has it in full.
    """
    actor = actors.current()
    return services().profiles.view(actor.subject, actor.owner, actor.permissions)


@endpoint(takes=ProfileRequest, gives=MeResponse, refuses=(Conflict,))
def change_me(**wishes: Any) -> dict[str, Any]:
    """Change one's own profile.

    What is not named stays, and null takes a value away. A user name, number or CPF
    that is somebody else's is refused with 409 and its field. Another telephone number
    is one that has not been proved. The address changes by `POST /users/me/email`
    alone, status and roles by an administrator.
    """
    actor = actors.current()
    services().profiles.change(actor.id, wishes)
    return services().profiles.view_changed(actor.id, actor.permissions)


@endpoint(takes=PasswordRequest, limit="public", refuses=PROOF)
def change_password(current_password: str | None, password: str) -> None:
    """Set another password.

    The present one is needed; its tries are counted as those of a sign-in. All other
    sessions end, with every token and every link that waits, and the owner gets a
    letter. Whoever has no password yet gives none, but must have signed in or confirmed
    within ten minutes.
    """
    actor = actors.current()
    services().password_change.change(
        actor.id,
        current=current_password,
        new=password,
        session_id=actor.session_id,
    )


@endpoint(
    takes=EmailRequest, gives=EmailResponse, limit="public", status=202, refuses=PROOF
)
def change_email(email: str, password: str | None) -> Any:
    """Ask for another e-mail address.

    The new address gets a code and a link; nothing changes before one of them comes
    back, within a day. An address that has an account already is answered the same way,
    and its owner is told. A newer request ends the one before.
    """
    actor = actors.current()
    return services().email_changes.ask(
        actor.id, email, session_id=actor.session_id, password=password
    )


@endpoint(
    takes=EmailConfirmRequest,
    gives=MeResponse,
    limit="public",
    refuses=(WrongCode, ChallengeExpired, Conflict),
)
def confirm_email(code: str) -> dict[str, Any]:
    """Prove the new address by the code or the link's token of the letter.

    From then on it is the address of the account. The old one gets a letter with a link
    that undoes the change for seven days, and links that were sent to it end. Five
    wrong codes end the request.
    """
    actor = actors.current()
    services().email_changes.finish(actor.id, code)
    return services().profiles.view_changed(actor.id, actor.permissions)


@endpoint(
    takes=DeleteRequest,
    gives=DeleteResponse,
    limit="public",
    refuses=(*PROOF, Conflict),
)
def delete_me(password: str | None) -> Answer:
    """Delete one's own account.

    At once nobody can sign in any more and every session and token ends. A link in a
    letter takes it back until `gone_at`; then what says whose account it was is
    overwritten for good. `GET /users/me/export` is best called first. The last super
    administrator cannot go.
    """
    actor = actors.current()
    farewell = services().deletion.leave(
        actor.id, session_id=actor.session_id, password=password
    )
    return Answer(farewell, prepare=delivery.take_back)


@endpoint(query=HistoryQuery, gives=LoginHistoryPage)
def login_history(limit: int, cursor: str | None) -> dict[str, Any]:
    """List the tries to sign in to one's own account, the latest first.

    Granted and refused ones, from wherever they came. `nextCursor` is null on the last
    page.
    """
    return _page(services().logs.sign_ins, limit, cursor)


@endpoint(query=HistoryQuery, gives=SecurityLogPage)
def security_logs(limit: int, cursor: str | None) -> dict[str, Any]:
    """List what happened to one's own account, the latest first.

    Changes of password, address, second factor, roles and apps, by whomever. An
    administrator is not named: `by_you` says whether it was the owner.
    """
    return _page(services().logs.events, limit, cursor)


def _page(read: Callable[..., Page], limit: int, cursor: str | None) -> dict[str, Any]:
    wanted = LogWanted(user_id=actors.current().id)
    page = read(wanted, limit=limit, after=read_cursor(cursor, is_count))
    following = write_cursor(page.after) if page.after else None
    return {"records": page.rows, "nextCursor": following}


ROUTES = (
    ("GET", "/users/me", show_me),
    ("GET", "/auth/me", show_me),
    ("PATCH", "/users/me", change_me),
    ("DELETE", "/users/me", delete_me),
    ("PATCH", "/users/me/password", change_password),
    ("POST", "/users/me/email", change_email),
    ("POST", "/users/me/email/confirm", confirm_email),
    ("GET", "/users/me/login-history", login_history),
    ("GET", "/users/me/security-logs", security_logs),
)

"""Who is at the console: the person of this browser, with what their roles permit.

The same permissions as at ``/v1/admin``, read in the same way; whoever lacks one gets
no link to its screens, and the page of a refusal at their addresses.
"""

import uuid
from dataclasses import dataclass

from flask import g

from authserver.core.roles import Permitted
from authserver.errors import NotSignedIn, NotVerified
from authserver.http import expiry
from authserver.http.context import services, signed_in


@dataclass(frozen=True)
class Operator(Permitted):
    """Somebody who is signed in at this browser."""

    session_id: uuid.UUID


def current() -> Operator:
    """Give who is here; looked up once a request.

    Raises:
        NotSignedIn: Nobody.
        NotVerified: Their address is not proved.
    """
    if "operator" not in g:
        g.operator = _find()
    operator: Operator = g.operator
    return operator


def require(permission: str) -> Operator:
    """Give who is here, if they may.

    Raises:
        PermissionMissing: They may not.
    """
    return current().require(permission)


def require_recent() -> None:
    """Let what is dangerous happen only soon after a proof (ASVS 7.5.3).

    Raises:
        StepUpNeeded: The last proof is too old; the page of it leads back here.
    """
    services().sessions.require_recent(current().session_id)


def _find() -> Operator:
    who = signed_in()
    subject = services().directory.subject(who.user_id) if who else None
    if who is None or subject is None:
        raise NotSignedIn("a page of the console")
    if not subject.is_email_verified:
        raise NotVerified(f"{subject.id} is not verified")
    expiry.note_session(who)
    return Operator(
        subject=subject,
        session_id=who.session_id,
        permissions=services().roles.permissions_of(subject.roles),
    )

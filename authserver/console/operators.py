"""Who is at the console: the person of this browser, with what their roles permit.

The same permissions as at ``/v1/admin``, read in the same way; whoever lacks one gets
no link to its screens, and the page of a refusal at their addresses.
"""

import uuid
from dataclasses import dataclass

from flask import g

from authserver.core.roles import permits
from authserver.core.subjects import Subject
from authserver.errors import NotSignedIn, NotVerified, PermissionMissing
from authserver.http import expiry
from authserver.http.context import services, signed_in


@dataclass(frozen=True)
class Operator:
    """Somebody who is signed in at this browser."""

    subject: Subject
    session_id: uuid.UUID
    permissions: frozenset[str]

    @property
    def id(self) -> uuid.UUID:
        """The user's id."""
        return self.subject.id

    def may(self, permission: str) -> bool:
        """Whether a role of theirs permits it."""
        return permits(self.permissions, permission)


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
    operator = current()
    if not operator.may(permission):
        raise PermissionMissing(f"{operator.id} lacks {permission}")
    return operator


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
    expiry.note(who.expires_at)
    if who.is_stale:
        services().sessions.touch(who.session_id)
    return Operator(
        subject=subject,
        session_id=who.session_id,
        permissions=services().roles.permissions_of(subject.roles),
    )

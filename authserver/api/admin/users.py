"""Admin: people."""

import uuid
from datetime import datetime
from typing import Any

from authserver.api import actors
from authserver.api.endpoint import Answer, endpoint
from authserver.api.schemas import admin_users as schemas
from authserver.api.versions import check_match, tagged, version_of
from authserver.core import subjects
from authserver.core.directory import Wanted
from authserver.errors import Conflict, NotFound, StaleVersion
from authserver.http.context import services
from authserver.http.paging import is_id, is_moment, read_cursor, write_cursor

SHOWN = (
    "id",
    "email",
    "phone",
    "username",
    "full_name",
    "avatar_url",
    "date_of_birth",
    "status",
    "is_email_verified",
    "is_phone_verified",
    "email_verified_at",
    "phone_verified_at",
    "failed_login_attempts",
    "locked_until",
    "last_password_change",
    "mfa_enabled",
    "language",
    "timezone",
    "last_login_at",
    "last_seen_at",
    "created_at",
    "updated_at",
    "deleted_at",
    "must_change_password",
)


@endpoint(query=schemas.PeopleQuery, gives=schemas.UserPage, who="users:read")
def list_users(
    q: str | None,
    status: str | None,
    role: str | None,
    institution: str | None,
    limit: int,
    cursor: str | None,
) -> dict[str, Any]:
    """List people, the newest first.

    Search, filters and paging go together; `nextCursor` is null on the last page.
    Deleted people are shown only with `status=deleted`.
    """
    page = services().directory.people(
        Wanted(q, status, role, institution, with_deleted=status == "deleted"),
        limit=limit,
        after=read_cursor(cursor, is_moment, is_id),
    )
    rows = [vars(one.subject) | vars(one) for one in page.rows]
    following = write_cursor(page.after) if page.after else None
    return {"users": rows, "nextCursor": following}


@endpoint(
    takes=schemas.CreateUserRequest,
    gives=schemas.UserDetails,
    who="users:create",
    status=201,
    once=True,
    refuses=(Conflict,),
)
def create_user(email: str, **wishes: Any) -> Answer:
    """Add a person.

    They get a letter: to verify the address, or, if the status says that it is
    verified, to choose a password.  Nobody but they ever knows the password.
    """
    by = actors.current().subject
    user = services().administration.create(by, email, wishes)
    return _shown(user.id)


@endpoint(gives=schemas.UserDetails, who="users:read", refuses=(NotFound,))
def show_user(user_id: uuid.UUID) -> Answer:
    """Show all that an operator may see of a person.

    Lock counters are here and nowhere else but with the owner (C36); no secret is.
    A deleted person is shown as long as there is one to restore.  The `ETag` goes into `If-Match` of a change.
    """
    return _shown(user_id)


@endpoint(
    takes=schemas.EditUserRequest,
    gives=schemas.UserDetails,
    who="users:update",
    refuses=(NotFound, Conflict, StaleVersion),
)
def edit_user(user_id: uuid.UUID, reason: str | None, **wishes: Any) -> Answer:
    """Change a person's fields.

    A status of `locked` or `disabled` ends their sessions and tokens at once.  With
    `If-Match`, a change on top of somebody else's is refused.
    """
    check_match(version_of(services().users.get(user_id)))
    by = actors.current().subject
    services().administration.edit(by, user_id, wishes, reason=reason)
    return _shown(user_id)


@endpoint(takes=schemas.ReasonRequest, who="users:delete", refuses=(NotFound, Conflict))
def delete_user(user_id: uuid.UUID, reason: str | None) -> None:
    """Delete a person softly; after 30 days nothing personal is left (C30)."""
    by = actors.current().subject
    services().administration.delete(by, user_id, reason=reason)


@endpoint(
    takes=schemas.ReasonRequest,
    gives=schemas.UserDetails,
    who="users:delete",
    refuses=(NotFound, Conflict),
)
def restore_user(user_id: uuid.UUID, reason: str | None) -> Answer:
    """Give a deleted account back, as long as it is still somebody's (C30)."""
    services().administration.restore(actors.current().subject, user_id, reason=reason)
    return _shown(user_id)


@endpoint(
    takes=schemas.ReasonRequest,
    gives=schemas.UserDetails,
    who="users:lock",
    refuses=(NotFound, Conflict),
)
def lock_user(user_id: uuid.UUID, reason: str | None) -> Answer:
    """Block a person and end all their sessions and tokens."""
    services().administration.lock(actors.current().subject, user_id, reason=reason)
    return _shown(user_id)


@endpoint(
    takes=schemas.ReasonRequest,
    gives=schemas.UserDetails,
    who="users:lock",
    refuses=(NotFound,),
)
def unlock_user(user_id: uuid.UUID, reason: str | None) -> Answer:
    """Let a person in again; a password locked by failures opens too (C5)."""
    services().administration.unlock(actors.current().subject, user_id, reason=reason)
    return _shown(user_id)


@endpoint(who="users:update", refuses=(NotFound, Conflict))
def resend_verify(user_id: uuid.UUID) -> None:
    """Send a new verification letter."""
    services().administration.resend_verification(actors.current().subject, user_id)


@endpoint(who="users:reset_password", refuses=(NotFound, Conflict))
def reset_password(user_id: uuid.UUID) -> None:
    """Send a letter to choose another password; the old one works until then."""
    services().administration.force_reset(actors.current().subject, user_id)


@endpoint(takes=schemas.ReasonRequest, who="sessions:revoke", refuses=(NotFound,))
def revoke_sessions(user_id: uuid.UUID, reason: str | None) -> None:
    """End all sessions and tokens of a person, and tell them."""
    services().administration.sign_out(actors.current().subject, user_id, reason=reason)


@endpoint(
    takes=schemas.AssignRequest,
    gives=schemas.UserDetails,
    who="roles:assign",
    status=201,
    once=True,
    refuses=(NotFound,),
)
def assign_role(
    user_id: uuid.UUID,
    roleId: int,  # noqa: N803 -- the wire's spelling
    expires_at: datetime | None,
    reason: str | None,
) -> Answer:
    """Give a role; only a super_admin gives admin and super_admin (C18, C33)."""
    actor = actors.current()
    services().users.get(user_id)
    services().roles.assign(
        user_id,
        services().roles.get(roleId),
        by=actor.id,
        by_roles=actor.subject.roles,
        until=expires_at,
        reason=reason,
    )
    return _shown(user_id)


@endpoint(takes=schemas.ReasonRequest, who="roles:assign", refuses=(NotFound, Conflict))
def take_role(user_id: uuid.UUID, role_id: int, reason: str | None) -> None:
    """Take a role; the last super_admin stays (C18)."""
    actor = actors.current()
    services().roles.take(
        user_id,
        services().roles.get(role_id),
        by=actor.id,
        by_roles=actor.subject.roles,
        reason=reason,
    )


@endpoint(
    takes=schemas.MembershipRequest,
    gives=schemas.UserDetails,
    who="institutions:update",
    status=201,
    once=True,
    refuses=(NotFound,),
)
def join_institution(user_id: uuid.UUID, institutionId: int) -> Answer:  # noqa: N803
    """Let a person belong to an institution; their tokens show it from then on."""
    services().users.get(user_id)
    services().institutions.join(user_id, institutionId, by=actors.current().id)
    return _shown(user_id)


@endpoint(who="institutions:update", refuses=(NotFound,))
def leave_institution(user_id: uuid.UUID, institution_id: int) -> None:
    """End a person's membership of an institution."""
    services().institutions.leave(user_id, institution_id, by=actors.current().id)


@endpoint(gives=schemas.AppRow, many=True, who="users:read", refuses=(NotFound,))
def list_apps(user_id: uuid.UUID) -> Any:
    """List the apps that a person has let in, or that hold tokens of theirs."""
    services().administration.see(user_id)
    return services().dossier.apps(user_id)


def _shown(user_id: uuid.UUID) -> Answer:
    user = services().administration.see(user_id)
    services().audit.db.flush()
    subject = subjects.load(services().audit.db, user_id)
    facts = {name: getattr(user, name) for name in SHOWN}
    facts |= {"metadata": user.extra, "mfa_secret": None, "mfa_backup_codes": None}
    held = services().roles.held_by(user_id)
    return tagged(
        user,
        {
            "user": facts,
            "roles": held,
            "institutions": [
                {"id": one.id, "code": one.code, "name": one.name}
                for one in services().institutions.of_user(user_id)
            ],
            "factors": services().dossier.factors(user),
            "sessions": len(services().sessions.list_active(subject.id)),
            "version": version_of(user),
        },
    )


ROUTES = (
    ("GET", "/admin/users", list_users),
    ("POST", "/admin/users", create_user),
    ("GET", "/admin/users/<uuid:user_id>", show_user),
    ("PATCH", "/admin/users/<uuid:user_id>", edit_user),
    ("DELETE", "/admin/users/<uuid:user_id>", delete_user),
    ("POST", "/admin/users/<uuid:user_id>/restore", restore_user),
    ("GET", "/admin/users/<uuid:user_id>/apps", list_apps),
    ("POST", "/admin/users/<uuid:user_id>/lock", lock_user),
    ("POST", "/admin/users/<uuid:user_id>/unlock", unlock_user),
    ("POST", "/admin/users/<uuid:user_id>/resend-verify", resend_verify),
    ("POST", "/admin/users/<uuid:user_id>/reset-password", reset_password),
    ("POST", "/admin/users/<uuid:user_id>/revoke-all", revoke_sessions),
    ("POST", "/admin/users/<uuid:user_id>/roles", assign_role),
    ("DELETE", "/admin/users/<uuid:user_id>/roles/<int:role_id>", take_role),
    ("POST", "/admin/users/<uuid:user_id>/institutions", join_institution),
    (
        "DELETE",
        "/admin/users/<uuid:user_id>/institutions/<int:institution_id>",
        leave_institution,
    ),
)

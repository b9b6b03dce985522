"""One person: status, factors, sessions, roles, institutions, apps, what happened.

Each part is shown to whoever has the permission of its own call.
"""

import uuid
from typing import Any

from flask import Response
from flask_babel import gettext

from authserver.console import deeds, operators, said, sessions, show
from authserver.core.administration import may_act_on
from authserver.core.dossier import Factors
from authserver.core.subjects import Subject
from authserver.core.timeline import Happening
from authserver.core.users import User
from authserver.core.whereabouts import Entry
from authserver.errors import NotFound
from authserver.http.context import services

FEW = 10
"""How much of what happened is shown here; the logs have all of it."""


def show_user(user_id: uuid.UUID) -> Response:
    """Show all that an operator may see of somebody."""
    user = services().administration.see(user_id)
    them = services().directory.subject(user_id)
    if them is None:
        raise NotFound(f"no user {user_id}")
    operator = operators.current()
    return show.render(
        "user",
        title=said.name_of(user),
        person={"email": user.email, "id": str(user.id), "is_self": _is_self(user)},
        state=said.status_of(user.status),
        facts=_facts(user),
        ways=_ways(services().dossier.factors(user)),
        roles=_roles(user, them) if operator.may("roles:read") else None,
        institutions=_institutions(user) if operator.may("institutions:read") else None,
        sessions=_sessions(user, them) if operator.may("sessions:read") else None,
        apps=_apps(user),
        happenings=_happenings(user) if operator.may("logs:read") else None,
        links=deeds.offered(user, them) | _links(user),
    )


def _is_self(user: User) -> bool:
    return user.id == operators.current().id


def _links(user: User) -> dict[str, str | None]:
    is_there = user.deleted_at is None
    return {
        "signins": show.allowed("logs:read", "console.list_sign_ins", user_id=user.id),
        "events": show.allowed("logs:read", "console.list_events", user_id=user.id),
        "give_role": (
            show.allowed("roles:assign", "console.give_role", user_id=user.id)
            if is_there
            else None
        ),
        "join": (
            show.allowed(
                "institutions:update", "console.join_institution", user_id=user.id
            )
            if is_there
            else None
        ),
    }


def _facts(user: User) -> list[tuple[str, Any]]:
    yes, no = gettext("yes"), gettext("no")
    facts: list[tuple[str, Any]] = [
        (gettext("Email address"), user.email),
        (gettext("Address verified"), yes if user.is_email_verified else no),
        (gettext("Username"), user.username),
        (gettext("Phone number"), user.phone),
        (gettext("Date of birth"), user.date_of_birth),
        (gettext("Language"), user.language),
        (gettext("Time zone"), user.timezone),
        (gettext("Account made"), show.moment(user.created_at)),
        (gettext("Last sign-in"), show.moment(user.last_login_at)),
        (gettext("Wrong passwords in a row"), user.failed_login_attempts or None),
        (gettext("Password locked until"), show.moment(user.locked_until)),
        (gettext("Deleted"), show.moment(user.deleted_at)),
        (gettext("Made anonymous"), show.moment(user.anonymised_at)),
        (gettext("Id"), str(user.id)),
    ]
    return [(name, value) for name, value in facts if value not in (None, "")]


def _ways(found: Factors) -> list[dict[str, Any]]:
    ways: list[dict[str, Any]] = []
    if found.has_password:
        since = show.moment(found.password_changed_at)
        ways.append({"name": gettext("Password"), "since": since})
    if found.has_totp:
        left = found.backup_codes_left
        codes = gettext("Backup codes left: %(num)s", num=left)
        ways.append({"name": gettext("Authenticator app"), "note": codes})
    ways += [
        {
            "name": gettext("Passkey"),
            "note": one.name,
            "since": show.moment(one.created_at),
            "used": show.moment(one.last_used_at),
        }
        for one in found.passkeys
    ]
    ways += [
        {"name": gettext("Other service"), "note": one} for one in found.connections
    ]
    return ways


def _roles(user: User, them: Subject) -> list[dict[str, Any]]:
    mine = operators.current().subject.roles
    givable = {one.name for one in services().roles.givable(mine)}
    is_there = them.is_deleted is False
    return [
        {
            "name": one["name"],
            "since": show.moment(one["assigned_at"]),
            "until": show.moment(one["expires_at"]),
            "take_url": (
                show.allowed(
                    "roles:assign",
                    "console.take_role",
                    user_id=user.id,
                    role_id=one["id"],
                )
                if is_there and one["name"] in givable
                else None
            ),
        }
        for one in services().roles.held_by(user.id)
    ]


def _institutions(user: User) -> list[dict[str, Any]]:
    return [
        {
            "code": one.code,
            "name": one.name,
            "leave_url": (
                show.allowed(
                    "institutions:update",
                    "console.leave_institution",
                    user_id=user.id,
                    institution_id=one.id,
                )
                if user.deleted_at is None
                else None
            ),
        }
        for one in services().institutions.of_user(user.id)
    ]


def _sessions(user: User, them: Subject) -> list[dict[str, Any]]:
    operator = operators.current()
    may = may_act_on(operator.subject, them)
    found = services().dossier.sessions(user.id, current=operator.session_id)
    return [_session(one, may_end=may) for one in found]


def _session(one: Entry, *, may_end: bool) -> dict[str, Any]:
    place = [part for part in (one.location_city, one.location_country) if part]
    return {
        "device": one.device_name or gettext("Unknown device"),
        "place": ", ".join(place),
        "ip": one.ip_address,
        "amr": ", ".join(one.amr),
        "since": show.moment(one.created_at),
        "seen": show.moment(one.last_activity_at or one.created_at),
        "apps": [app.name for app in one.clients],
        "is_current": one.current,
        "end_url": sessions.end_url(one.id) if may_end else None,
    }


def _apps(user: User) -> list[dict[str, Any]]:
    return [
        {
            "name": one.name,
            "scopes": one.scopes,
            "since": show.moment(one.granted_at),
            "used": show.moment(one.last_signin_at),
            "is_active": one.is_active,
        }
        for one in services().dossier.apps(user.id)
    ]


def _happenings(user: User) -> list[dict[str, Any]]:
    stretch = services().dossier.happenings(user.id)
    return [_happening(one) for one in stretch.happenings[:FEW]]


def _happening(one: Happening) -> dict[str, Any]:
    return {
        "what": str(one.what),
        "method": one.method,
        "when": show.moment(one.at),
        "ip": one.ip,
        "is_bad": one.is_bad,
    }

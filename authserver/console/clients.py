"""Apps: what is registered of each, what it was told, its secret, its end."""

import json
import uuid
from typing import Any

from flask import Response, url_for
from flask_babel import gettext, lazy_gettext

from authserver.console import (
    client_deeds,
    client_edit,
    client_setup,
    lists,
    show,
    streams,
)
from authserver.console.client_kinds import KINDS, PROFILES
from authserver.console.room import Room, Screen
from authserver.core import client_grades, client_rows
from authserver.core.client_grades import Grade
from authserver.core.clients import OWN_CLIENT, Client
from authserver.core.directory import Page
from authserver.core.notices import BACK_CHANNEL
from authserver.core.snippet_parts import kind_of
from authserver.http.context import services
from authserver.http.paging import is_id, is_moment

REGISTERED = {
    "operator": lazy_gettext("An operator"),
    "token": lazy_gettext("Itself, with a token"),
    "open": lazy_gettext("Itself"),
    "document": lazy_gettext("A document of its own"),
}
"""Who has registered it, by the code of the table."""

DELIVERIES = {
    "waiting": (lazy_gettext("Waiting"), ""),
    "sent": (lazy_gettext("Delivered"), "good"),
    "failed": (lazy_gettext("Given up"), "bad"),
}


MARKS = {
    "A": (lazy_gettext("Every rule holds, and is demanded of it"), "good"),
    "B": (
        lazy_gettext("No rule is broken; not all are demanded of it or seen"),
        "warn",
    ),
    "C": (lazy_gettext("A rule is broken"), "bad"),
}
"""What the grades say, and how they look."""


def list_clients() -> Response:
    """List all, by name."""
    return show.render(
        "clients",
        title=lazy_gettext("Apps"),
        clients=[
            {
                "name": row.name,
                "client_id": row.client_id,
                "url": url_for("console.show_client", row_id=row.id),
                "kind": KINDS[kind_of(row)].title,
                "profile": PROFILES.get(row.profile, row.profile),
                "by": REGISTERED.get(row.registered_by, row.registered_by),
                "is_disabled": row.disabled_at is not None,
                "since": show.moment(row.created_at),
            }
            for row in services().clients.list_all()
        ],
        links={
            "new": show.allowed("clients:create", "console.add_client"),
            "streams": show.allowed("clients:read", "console.list_streams"),
        },
    )


def show_client(row_id: uuid.UUID) -> Response:
    """Show one: its registration, who uses it, how it does, which profile it could have."""
    row = services().clients.at(row_id)
    check = services().client_check
    habits = check.habits_of(row)
    moves = check.moves(row, habits)
    return show.render(
        "client",
        title=row.name,
        shown=_facts(row),
        use=_use(row),
        members=[
            (name, said if isinstance(said, str) else json.dumps(said))
            for name, said in sorted(client_rows.members_of(row).items())
        ],
        moves=[
            {
                "title": PROFILES[move.profile],
                "is_current": move.is_current,
                "fits": move.fits,
                "faults": [(n, " ".join(said)) for n, said in move.faults.items()],
                "seen": move.seen,
                "changes": move.changes,
            }
            for move in moves
        ],
        grades=[_grade(one) for one in client_grades.grade(row, moves, habits)],
        links=_links(row),
    )


def _grade(one: Grade) -> dict[str, Any]:
    words, mood = MARKS[one.mark]
    return {
        "family": one.family,
        "mark": one.mark,
        "words": words,
        "mood": mood,
        "obstacles": one.obstacles,
        "profile": PROFILES[one.profile] if one.profile else None,
    }


def _facts(row: Client) -> dict[str, Any]:
    return {
        "client_id": row.client_id,
        "kind": KINDS[kind_of(row)].title,
        "profile": PROFILES.get(row.profile, row.profile),
        "by": REGISTERED.get(row.registered_by, row.registered_by),
        "skips_consent": row.skip_consent,
        "is_disabled": row.disabled_at is not None,
        "since": show.moment(row.created_at),
        "changed": show.moment(row.updated_at),
    }


def _use(row: Client) -> dict[str, Any]:
    found = services().app_grants.use_of(row)
    return {
        "people": found.people,
        "grants": found.grants,
        "last": show.moment(found.last_signin_at),
        "is_more": found.is_more,
    }


def _links(row: Client) -> dict[str, str | None]:
    def to(permission: str, view: str) -> str | None:
        return show.allowed(permission, f"console.{view}", row_id=row.id)

    is_own, by_document = row.client_id == OWN_CLIENT, row.registered_by == "document"
    is_off = row.disabled_at is not None
    has_secret = services().clients.wants_secret(row)
    return {
        # What a document says is read again from there; our own keeps the API going.
        "edit": None if by_document or is_own else to("clients:update", "edit_client"),
        "rotate": to("clients:update", "rotate_secret") if has_secret else None,
        "setup": to("clients:read", "show_setup") if not is_own else None,
        "stream": (
            to("clients:update", "edit_stream") if not (is_own or is_off) else None
        ),
        "fetch": (
            to("clients:update", "fetch_keys")
            if row.extra.get("jwks_uri") and not is_off
            else None
        ),
        "disable": None if is_own or is_off else to("clients:update", "disable_client"),
        "enable": to("clients:update", "enable_client") if is_off else None,
        "delete": None if is_own else to("clients:delete", "delete_client"),
        "deliveries": (
            to("clients:read", "list_deliveries") if BACK_CHANNEL in row.extra else None
        ),
    }


def list_deliveries(row_id: uuid.UUID) -> Response:
    """List what it was told of sign-outs, the newest first."""
    row = services().clients.at(row_id)
    after = lists.cursor(is_moment, is_id)
    found = services().notices.of_client(row, limit=lists.PER_PAGE + 1, after=after)
    shown = found[: lists.PER_PAGE]
    is_last = len(found) <= lists.PER_PAGE
    keys = None if is_last else [shown[-1].created_at.isoformat(), str(shown[-1].id)]
    return show.render(
        "client_deliveries",
        title=gettext("Sign-outs it was told of"),
        trail=[(row.name, url_for("console.show_client", row_id=row.id))],
        deliveries=[_delivery(one) for one in shown],
        pages=lists.pages(Page(shown, keys)),
    )


def _delivery(one: Any) -> dict[str, Any]:
    words, mood = DELIVERIES.get(one.status, (one.status, ""))
    return {
        "when": show.moment(one.created_at),
        "state": {"words": words, "mood": mood},
        "attempts": one.attempts,
        "delivered": show.moment(one.sent_at),
        "again": show.moment(one.not_before) if one.status == "waiting" else None,
        "error": one.last_error,
    }


ONE, CALL = "/clients/<uuid:row_id>", "/admin/clients/<client_id>"


def _deed(path: str, view: Any, needs: str, call: str) -> Screen:
    return Screen(path, view, needs, call, posts=True, is_dangerous=True)


ROOM = Room(
    name="clients",
    title=lazy_gettext("Apps"),
    screens=(
        Screen("/clients", list_clients, "clients:read", "GET /admin/clients"),
        _deed(
            "/clients/new",
            client_edit.add_client,
            "clients:create",
            "POST /admin/clients",
        ),
        Screen(ONE, show_client, "clients:read", f"GET {CALL}"),
        Screen(
            f"{ONE}/deliveries",
            list_deliveries,
            "clients:read",
            f"GET {CALL}/logout-deliveries",
        ),
        Screen(
            f"{ONE}/setup",
            client_setup.show_setup,
            "clients:read",
            f"GET {CALL}/snippets",
        ),
        Screen(
            f"{ONE}/keys",
            client_setup.fetch_keys,
            "clients:update",
            f"POST {CALL}/jwks/fetch",
            posts=True,
        ),
        _deed(f"{ONE}/edit", client_edit.edit_client, "clients:update", f"PUT {CALL}"),
        _deed(
            f"{ONE}/secret",
            client_deeds.rotate_secret,
            "clients:update",
            f"POST {CALL}/secret",
        ),
        _deed(
            f"{ONE}/off",
            client_deeds.disable_client,
            "clients:update",
            f"POST {CALL}/disable",
        ),
        _deed(
            f"{ONE}/on",
            client_deeds.enable_client,
            "clients:update",
            f"POST {CALL}/enable",
        ),
        _deed(
            f"{ONE}/delete",
            client_deeds.delete_client,
            "clients:delete",
            f"DELETE {CALL}",
        ),
        *streams.SCREENS,
    ),
    done={
        **streams.DONE,
        "added": lazy_gettext("The app is registered."),
        "changed": lazy_gettext("The app is changed. It counts within seconds."),
        "deleted": lazy_gettext("The app is deleted."),
        "disabled": lazy_gettext("The app is off. Every process knows within seconds."),
        "enabled": lazy_gettext("The app is on. Every process knows within seconds."),
    },
)

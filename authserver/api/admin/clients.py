"""Admin: apps (OAuth clients)."""

from typing import Any

from authserver.api import actors
from authserver.api.endpoint import Answer, endpoint
from authserver.api.schemas import admin_clients as schemas
from authserver.api.schemas.admin_users import ReasonRequest
from authserver.api.schemas.paging import PageQuery
from authserver.api.versions import check_match, tagged, version_of
from authserver.core import app_link
from authserver.core.app_grants import AppUse
from authserver.core.client_check import Move
from authserver.core.client_rows import is_member
from authserver.core.clients import EVERY_SCOPE
from authserver.errors import Conflict, NotFound, StaleVersion
from authserver.http.context import services, settings
from authserver.http.paging import is_id, is_moment, read_cursor, write_cursor

ONE = (
    "client_uri",
    "policy_uri",
    "tos_uri",
    "backchannel_logout_uri",
    "frontchannel_logout_uri",
    "initiate_login_uri",
    "request_object_signing_alg",
    "token_endpoint_auth_signing_alg",
)
MANY = ("resources", "authorization_details_types", "request_uris")
FLAGS = (
    "require_pushed_authorization_requests",
    "require_signed_request_object",
    "backchannel_logout_session_required",
    "frontchannel_logout_session_required",
)
MORE = (*ONE, *MANY, *FLAGS)
"""What is kept among the other metadata; absent where it says nothing."""


@endpoint(gives=schemas.ClientResponse, many=True, who="clients:read")
def list_clients() -> list[dict[str, Any]]:
    """List all apps."""
    return [_facts(row) for row in services().clients.list_all()]


@endpoint(
    takes=schemas.ClientRequest,
    gives=schemas.ClientResponse,
    who="clients:create",
    status=201,
    once=True,
)
def create_client(client_name: str, **wishes: Any) -> Answer:
    """Register an app; its secret is in this answer and in no other.

    Redirect URIs are compared byte by byte; only a loopback port may differ.
    """
    given = _metadata(wishes)
    logo = services().logos.fetch(given["extra"].get("logo_uri"))
    by = actors.current().id
    row, secret = services().clients.register(name=client_name, by=by, **given)
    services().logos.keep(row, logo)
    once = {"client_secret": secret} if secret else {}
    return tagged(row, _facts(row) | once)


@endpoint(gives=schemas.ClientDetailResponse, who="clients:read", refuses=(NotFound,))
def show_client(client_id: str) -> Answer:
    """Show one app, with its grades and the next step to better ones.

    What it did in the last seven days counts; the ETag is of the registration alone.
    """
    row = services().clients.get(client_id)
    return tagged(row, _facts(row) | {"grades": services().client_grades.of(row)})


@endpoint(
    takes=schemas.ClientRequest,
    gives=schemas.ClientResponse,
    who="clients:update",
    refuses=(NotFound, StaleVersion),
)
def replace_client(client_id: str, client_name: str, **wishes: Any) -> Answer:
    """Replace an app's metadata; what is left out goes back to its default."""
    check_match(version_of(services().clients.get(client_id)))
    given = _metadata(wishes)
    logo = services().logos.fetch(given["extra"].get("logo_uri"))
    by = actors.current().id
    row = services().clients.replace(client_id, name=client_name, by=by, **given)
    services().logos.keep(row, logo)
    return tagged(row, _facts(row))


@endpoint(
    gives=schemas.MoveResponse, many=True, who="clients:read", refuses=(NotFound,)
)
def check_client(client_id: str) -> list[Move]:
    """Say which security profile an app could move to, and what stands in the way."""
    return services().client_check.moves(services().clients.get(client_id))


@endpoint(gives=schemas.ClientUse, who="clients:read", refuses=(NotFound,))
def client_use(client_id: str) -> AppUse:
    """Say how many people use an app, and when somebody last signed in to it.

    Counted are grants of tokens that may be good now, at most 50,000.
    """
    return services().app_grants.use_of(services().clients.get(client_id))


@endpoint(gives=schemas.SecretResponse, who="clients:update", refuses=(NotFound,))
def rotate_secret(client_id: str) -> dict[str, str]:
    """Give a new secret; the one before lives for another week."""
    by = actors.current().id
    secret = services().clients.rotate_secret(client_id, by=by)
    return {"client_id": client_id, "client_secret": secret}


@endpoint(who="clients:delete", refuses=(NotFound,))
def delete_client(client_id: str) -> None:
    """Delete an app with its codes, tokens and consents."""
    services().clients.delete(client_id, by=actors.current().id)


@endpoint(
    query=schemas.LoginLinkQuery,
    gives=schemas.LoginLink,
    who="clients:read",
    refuses=(NotFound, Conflict),
)
def login_link(
    client_id: str, target_link_uri: str | None, login_hint: str | None
) -> dict[str, str]:
    """Give a link that starts a sign-in at an app, for a portal or a letter.

    The app must have an `initiate_login_uri` (OIDC Core §4).
    """
    uri = services().clients.get(client_id).extra.get(app_link.INITIATE)
    link = app_link.start_of(
        uri, issuer=settings().issuer, target=target_link_uri, hint=login_hint
    )
    return {"url": link}


@endpoint(
    query=PageQuery,
    gives=schemas.DeliveryPage,
    who="clients:read",
    refuses=(NotFound,),
)
def logout_deliveries(client_id: str, limit: int, cursor: str | None) -> dict[str, Any]:
    """Show what an app was told of logouts, and whether it arrived, the newest first.

    `waiting` is tried again at `next_attempt_at`; `failed` was given up.
    """
    client = services().clients.get(client_id)
    after = read_cursor(cursor, is_moment, is_id)
    rows = services().notices.of_client(client, limit=limit + 1, after=after)
    shown = rows[:limit]
    more = len(rows) > limit
    keys = [shown[-1].created_at.isoformat(), str(shown[-1].id)] if more else []
    return {
        "records": [_delivery(row) for row in shown],
        "nextCursor": write_cursor(keys) if more else None,
    }


def _delivery(row: Any) -> dict[str, Any]:
    names = ("id", "session_id", "user_id", "status", "attempts", "created_at")
    shown = {name: getattr(row, name) for name in (*names, "last_error")}
    again = row.not_before if row.status == "waiting" else None
    return shown | {"delivered_at": row.sent_at, "next_attempt_at": again}


def _metadata(wishes: dict[str, Any]) -> dict[str, Any]:
    named = {name: wishes.pop(name, None) for name in MORE}
    others = wishes.pop("metadata")
    return {
        "auth_method": wishes.pop("token_endpoint_auth_method"),
        "scope": wishes.pop("scope") or EVERY_SCOPE,
        "extra": others | {name: said for name, said in named.items() if said},
        **wishes,
    }


def _facts(row: Any) -> dict[str, Any]:
    names = (
        "client_id",
        "name",
        "profile",
        "redirect_uris",
        "post_logout_redirect_uris",
        "grant_types",
        "token_endpoint_auth_method",
        "scope",
        "jwks",
        "skip_consent",
        "registered_by",
        "disabled_at",
        "created_at",
        "updated_at",
    )
    shown = {name: getattr(row, name) for name in names}
    shown |= {name: row.extra.get(name) for name in ONE}
    shown |= {name: row.extra.get(name, []) for name in MANY}
    others = {n: v for n, v in row.extra.items() if is_member(n) and n not in MORE}
    shown["metadata"] = others
    return shown | {name: row.extra.get(name, False) for name in FLAGS}


@endpoint(
    takes=ReasonRequest,
    gives=schemas.ClientResponse,
    who="clients:update",
    refuses=(NotFound, Conflict),
)
def disable_client(client_id: str, reason: str | None) -> dict[str, Any]:
    """Switch an app off for a while; nothing of it is lost.

    It gets no token and refreshes none, nobody can sign in to it, and introspection
    and userinfo refuse what it has. Other processes know within three seconds. A JWT
    that is checked without asking us is good until it ends. Our own app stays on.
    """
    by = actors.current().id
    return _facts(services().client_switch.turn_off(client_id, by=by, reason=reason))


@endpoint(
    takes=ReasonRequest,
    gives=schemas.ClientResponse,
    who="clients:update",
    refuses=(NotFound, Conflict),
)
def enable_client(client_id: str, reason: str | None) -> dict[str, Any]:
    """Switch an app on again: what it had and has not ended is good again."""
    by = actors.current().id
    return _facts(services().client_switch.turn_on(client_id, by=by, reason=reason))


ROUTES = (
    ("GET", "/admin/clients", list_clients),
    ("POST", "/admin/clients", create_client),
    ("GET", "/admin/clients/<client_id>", show_client),
    ("PUT", "/admin/clients/<client_id>", replace_client),
    ("GET", "/admin/clients/<client_id>/profiles", check_client),
    ("GET", "/admin/clients/<client_id>/use", client_use),
    ("POST", "/admin/clients/<client_id>/secret", rotate_secret),
    ("POST", "/admin/clients/<client_id>/disable", disable_client),
    ("POST", "/admin/clients/<client_id>/enable", enable_client),
    ("DELETE", "/admin/clients/<client_id>", delete_client),
    ("GET", "/admin/clients/<client_id>/login-link", login_link),
    ("GET", "/admin/clients/<client_id>/logout-deliveries", logout_deliveries),
)

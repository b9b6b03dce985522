"""Admin: streams of security events, of which each app has one at most."""

from typing import Any

from authserver.api import actors
from authserver.api.endpoint import endpoint
from authserver.api.schemas import admin_streams as schemas
from authserver.errors import AuthError, NotFound
from authserver.http.context import services


@endpoint(gives=schemas.StreamResponse, many=True, who="clients:read")
def list_streams() -> list[dict[str, Any]]:
    """List all streams, by the name of their apps."""
    found = services().stream_keeping.list_all()
    return [_told(row[0], row.client_id) for row in found]


@endpoint(gives=schemas.StreamResponse, who="clients:read", refuses=(NotFound,))
def show_stream(client_id: str) -> dict[str, Any]:
    """Show the stream of an app."""
    keeping = services().stream_keeping
    row = keeping.of(keeping.app(client_id))
    if row is None:
        raise NotFound(f"{client_id} has no stream")
    return _told(row, client_id)


@endpoint(
    takes=schemas.StreamRequest,
    gives=schemas.StreamResponse,
    who="clients:update",
    refuses=(NotFound, AuthError),
)
def put_stream(client_id: str, **facts: Any) -> dict[str, Any]:
    """Make the stream of an app, or replace it.

    `authorization_header` is what we show at its endpoint (RFC 8935 §2); left out, it
    stays. It is told to nobody.
    """
    keeping = services().stream_keeping
    row = keeping.put(keeping.app(client_id), by=actors.current().id, **facts)
    return _told(row, client_id)


@endpoint(who="clients:update", refuses=(NotFound,))
def delete_stream(client_id: str) -> None:
    """End the stream of an app, with what waits in it."""
    keeping = services().stream_keeping
    keeping.end(keeping.app(client_id), by=actors.current().id)


def _told(row: Any, client_id: str) -> dict[str, Any]:
    names = ("method", "endpoint_url", "events_requested", "description", "status")
    told = {name: getattr(row, name) for name in (*names, "reason", "verified_at")}
    is_set = row.authorization_sealed is not None
    return told | {"client_id": client_id, "has_authorization": is_set}


ROUTES = (
    ("GET", "/admin/streams", list_streams),
    ("GET", "/admin/clients/<client_id>/stream", show_stream),
    ("PUT", "/admin/clients/<client_id>/stream", put_stream),
    ("DELETE", "/admin/clients/<client_id>/stream", delete_stream),
)

"""Admin: the flow inspector, what apps asked and what was decided."""

from dataclasses import asdict
from typing import Any

from authserver.api.endpoint import endpoint
from authserver.api.schemas import admin_flows as schemas
from authserver.core.flows import FlowsWanted
from authserver.errors import InvalidInput, NotFound
from authserver.http.context import services
from authserver.http.paging import is_id, is_moment, read_cursor, write_cursor


@endpoint(query=schemas.FlowQuery, gives=schemas.FlowPage, who="logs:read")
def list_flows(
    limit: int,
    cursor: str | None,
    client_id: str | None,
    error: str | None,
    trace_id: str | None,
) -> dict[str, Any]:
    """List the last refusals and authorizations, the newest first.

    An authorization that nobody had to act for leaves no row and is not among them.
    """
    app = services().clients.find(client_id) if client_id else None
    if client_id and app is None:
        raise InvalidInput(fields={"client_id": ["No app has this client_id."]})
    page = services().flows.page(
        FlowsWanted(app.id if app else None, error, trace_id),
        limit=limit,
        after=read_cursor(cursor, is_moment, is_id),
    )
    apps = services().flows.apps_of(row.client_id for row in page.rows)
    return {
        "flows": [_row(row, apps) for row in page.rows],
        "nextCursor": write_cursor(page.after) if page.after else None,
    }


def _row(row: Any, apps: dict[Any, Any]) -> dict[str, Any]:
    is_refusal, app = hasattr(row, "error"), apps.get(row.client_id)
    return {
        "trace_id": row.trace_id,
        "client_id": app.client_id if app else None,
        "endpoint": row.endpoint if is_refusal else "/authorize",
        "error": row.error if is_refusal else None,
        "parameter": row.parameter if is_refusal else None,
        "section": row.section if is_refusal else None,
        "is_finished": is_refusal or row.finished_at is not None,
        "created_at": row.created_at,
    }


@endpoint(gives=schemas.FlowResponse, who="logs:read", refuses=(NotFound,))
def show_flow(trace_id: str) -> dict[str, Any]:
    """Tell one flow step by step, by the trace id of an error page or answer.

    Of each parameter there is its text, its length, or null where it was there and is
    not shown. No code, token, state, nonce, verifier, cookie or password is kept.
    """
    story = services().flow_stories.of(trace_id)
    return {
        "trace_id": story.trace_id,
        "client_id": story.app.client_id if story.app else None,
        "asked": story.asked,
        "outcome": story.outcome,
        "steps": [asdict(step) for step in story.steps],
    }


ROUTES = (
    ("GET", "/admin/flows", list_flows),
    ("GET", "/admin/flows/<trace_id>", show_flow),
)

"""Admin: resources, the APIs that tokens are for (RFC 8707)."""

import uuid
from typing import Any

from authserver.api import actors
from authserver.api.endpoint import Answer, endpoint
from authserver.api.schemas import admin_resources as schemas
from authserver.api.versions import check_match, tagged, version_of
from authserver.errors import Conflict, NotFound, StaleVersion
from authserver.http.context import services


@endpoint(gives=schemas.ResourceResponse, many=True, who="resources:read")
def list_resources() -> Any:
    """List all APIs."""
    return services().resources.list_all()


@endpoint(
    takes=schemas.ResourceRequest,
    gives=schemas.ResourceResponse,
    who="resources:create",
    status=201,
    once=True,
    refuses=(Conflict,),
)
def create_resource(**facts: Any) -> Answer:
    """Register an API.

    Clients name it by `resource` (RFC 8707), and `aud` of its tokens says so. A scope
    belongs to one API alone. An app may ask for it when one of its scopes, or the API
    itself, stands in the app's registration, or when the API is open to all apps that
    a person lets in. The clients in `introspection_clients` may look at its tokens.
    """
    by = actors.current().id
    return tagged(services().resources.create(by=by, **facts))


@endpoint(gives=schemas.ResourceResponse, who="resources:read", refuses=(NotFound,))
def show_resource(resource_id: uuid.UUID) -> Answer:
    """Show one API."""
    return tagged(services().resources.get(resource_id))


@endpoint(
    takes=schemas.ResourceRequest,
    gives=schemas.ResourceResponse,
    who="resources:update",
    refuses=(NotFound, Conflict, StaleVersion),
)
def replace_resource(resource_id: uuid.UUID, **facts: Any) -> Answer:
    """Replace all of an API but its identifier; tokens follow within seconds."""
    check_match(version_of(services().resources.get(resource_id)))
    by = actors.current().id
    return tagged(services().resources.replace(resource_id, by=by, **facts))


@endpoint(who="resources:delete", refuses=(NotFound,))
def delete_resource(resource_id: uuid.UUID) -> None:
    """Delete an API: no token for it is given any more, those given run out."""
    services().resources.delete(resource_id, by=actors.current().id)


ROUTES = (
    ("GET", "/admin/resources", list_resources),
    ("POST", "/admin/resources", create_resource),
    ("GET", "/admin/resources/<uuid:resource_id>", show_resource),
    ("PUT", "/admin/resources/<uuid:resource_id>", replace_resource),
    ("DELETE", "/admin/resources/<uuid:resource_id>", delete_resource),
)

"""Admin: types of authorization details (RFC 9396)."""

import uuid
from typing import Any

from authserver.api import actors
from authserver.api.endpoint import Answer, endpoint
from authserver.api.schemas import admin_detail_types as schemas
from authserver.api.versions import check_match, tagged, version_of
from authserver.errors import Conflict, NotFound, StaleVersion
from authserver.http.context import services


@endpoint(gives=schemas.DetailTypeResponse, many=True, who="resources:read")
def list_detail_types() -> Any:
    """List all types."""
    return services().detail_types.list_all()


@endpoint(
    takes=schemas.DetailTypeRequest,
    gives=schemas.DetailTypeResponse,
    who="resources:create",
    status=201,
    once=True,
    refuses=(Conflict,),
)
def create_detail_type(**facts: Any) -> Answer:
    """Register a type.

    Each field has a JSON Schema (2020-12) that refers to nothing else; a field without
    one is refused. A sentence names fields in braces, `Pay {amount.value} to {payee}`;
    what it does not name is shown below it. Apps may send the types that stand in
    their registration. Consent is asked each time, unless the type is remembered.
    """
    by = actors.current().id
    return tagged(services().detail_types.create(by=by, **facts))


@endpoint(gives=schemas.DetailTypeResponse, who="resources:read", refuses=(NotFound,))
def show_detail_type(type_id: uuid.UUID) -> Answer:
    """Show one type."""
    return tagged(services().detail_types.get(type_id))


@endpoint(
    takes=schemas.DetailTypeRequest,
    gives=schemas.DetailTypeResponse,
    who="resources:update",
    refuses=(NotFound, StaleVersion),
)
def replace_detail_type(type_id: uuid.UUID, **facts: Any) -> Answer:
    """Replace all of a type but its name."""
    check_match(version_of(services().detail_types.get(type_id)))
    by = actors.current().id
    return tagged(services().detail_types.replace(type_id, by=by, **facts))


@endpoint(who="resources:delete", refuses=(NotFound,))
def delete_detail_type(type_id: uuid.UUID) -> None:
    """Delete a type: what was granted of it stands in no further token."""
    services().detail_types.delete(type_id, by=actors.current().id)


ROUTES = (
    ("GET", "/admin/detail-types", list_detail_types),
    ("POST", "/admin/detail-types", create_detail_type),
    ("GET", "/admin/detail-types/<uuid:type_id>", show_detail_type),
    ("PUT", "/admin/detail-types/<uuid:type_id>", replace_detail_type),
    ("DELETE", "/admin/detail-types/<uuid:type_id>", delete_detail_type),
)

"""Admin: roles, permissions and institutions."""

from collections.abc import Callable
from typing import Any

from authserver.api import actors
from authserver.api.endpoint import Answer, endpoint
from authserver.api.schemas import admin_roles as schemas
from authserver.api.schemas.admin_users import ReasonRequest
from authserver.api.versions import check_match, tagged, version_of
from authserver.core.role_catalogue import PERMISSIONS
from authserver.errors import Conflict, NotFound, StaleVersion
from authserver.http.context import services


@endpoint(gives=schemas.RoleResponse, many=True, who="roles:read")
def list_roles() -> Any:
    """List all roles with what they permit."""
    return services().role_catalogue.list_all()


@endpoint(
    takes=schemas.RoleRequest,
    gives=schemas.RoleResponse,
    who="roles:create",
    status=201,
    once=True,
    refuses=(Conflict,),
)
def create_role(
    name: str,
    description: str | None,
    permissions: list[str],
    is_system_role: bool,  # noqa: FBT001 -- the wire's field
) -> Answer:
    """Add a role.

    System roles come with the server: `is_system_role` is accepted, since older front
    ends send it, and the role is an ordinary one all the same.
    """
    del is_system_role
    by = actors.current().id
    row = services().role_catalogue.create(
        by=by, name=name, description=description, permissions=permissions
    )
    return tagged(row)


@endpoint(gives=schemas.RoleResponse, who="roles:read", refuses=(NotFound,))
def show_role(role_id: int) -> Answer:
    """Show one role."""
    return tagged(services().roles.get(role_id))


@endpoint(
    takes=schemas.RoleRequest,
    gives=schemas.RoleResponse,
    who="roles:update",
    refuses=(NotFound, Conflict, StaleVersion),
)
def replace_role(
    role_id: int,
    name: str,
    description: str | None,
    permissions: list[str],
    is_system_role: bool,  # noqa: FBT001
) -> Answer:
    """Replace a role; whoever holds it may the new things within seconds.

    A system role keeps its name, and super_admin everything it permits.
    """
    del is_system_role
    check_match(version_of(services().roles.get(role_id)))
    row = services().role_catalogue.change(
        role_id,
        by=actors.current().id,
        name=name,
        description=description,
        permissions=permissions,
    )
    return tagged(row)


@endpoint(takes=ReasonRequest, who="roles:delete", refuses=(NotFound, Conflict))
def delete_role(role_id: int, reason: str | None) -> None:
    """Delete a role that nobody holds and that is no system role."""
    services().role_catalogue.delete(role_id, by=actors.current().id, reason=reason)


@endpoint(gives=schemas.PermissionResponse, many=True, who="roles:read")
def list_permissions() -> list[dict[str, Any]]:
    """List every permission in words, with the roles that have it."""
    roles = services().role_catalogue.list_all()
    return [
        {
            "name": name,
            "meaning": meaning,
            "roles": [role.name for role in roles if name in role.permissions],
        }
        for name, meaning in PERMISSIONS.items()
    ]


@endpoint(gives=schemas.InstitutionResponse, many=True, who="institutions:read")
def list_institutions() -> Any:
    """List all institutions."""
    return services().institutions.list_all()


@endpoint(
    takes=schemas.InstitutionRequest,
    gives=schemas.InstitutionResponse,
    who="institutions:create",
    status=201,
    once=True,
    refuses=(Conflict,),
)
def create_institution(code: str, name: str) -> Answer:
    """Add an institution."""
    row = services().institutions.create(code, name, by=actors.current().id)
    return tagged(row)


@endpoint(
    gives=schemas.InstitutionResponse, who="institutions:read", refuses=(NotFound,)
)
def show_institution(institution_id: int) -> Answer:
    """Show one institution."""
    return tagged(services().institutions.get(institution_id))


@endpoint(
    takes=schemas.InstitutionRequest,
    gives=schemas.InstitutionResponse,
    who="institutions:update",
    refuses=(NotFound, Conflict, StaleVersion),
)
def replace_institution(institution_id: int, code: str, name: str) -> Answer:
    """Give an institution another code or name; tokens show it when issued next."""
    check_match(version_of(services().institutions.get(institution_id)))
    row = services().institutions.change(
        institution_id, by=actors.current().id, code=code, name=name
    )
    return tagged(row)


@endpoint(takes=ReasonRequest, who="institutions:delete", refuses=(NotFound,))
def delete_institution(institution_id: int, reason: str | None) -> None:
    """Delete an institution and everybody's membership of it."""
    by = actors.current().id
    services().institutions.delete(institution_id, by=by, reason=reason)


Route = tuple[str, str, Callable[..., Any]]

ROUTES: tuple[Route, ...] = (
    ("GET", "/admin/roles", list_roles),
    ("POST", "/admin/roles", create_role),
    ("GET", "/admin/roles/<int:role_id>", show_role),
    ("PUT", "/admin/roles/<int:role_id>", replace_role),
    ("DELETE", "/admin/roles/<int:role_id>", delete_role),
    ("GET", "/admin/permissions", list_permissions),
    ("GET", "/admin/institutions", list_institutions),
    ("POST", "/admin/institutions", create_institution),
    ("GET", "/admin/institutions/<int:institution_id>", show_institution),
    ("PUT", "/admin/institutions/<int:institution_id>", replace_institution),
    ("DELETE", "/admin/institutions/<int:institution_id>", delete_institution),
)

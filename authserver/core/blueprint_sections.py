"""Institutions, roles, APIs and types of details as sections of a file."""

from collections.abc import Iterable

from authserver.core.blueprint_parts import Facts, Section
from authserver.core.detail_types import DetailTypes
from authserver.core.institutions import Institutions
from authserver.core.resources import Resources
from authserver.core.role_catalogue import RoleCatalogue
from authserver.core.targets import canonical
from authserver.models import DetailType, Institution, Resource, Role

OF_RESOURCE = (
    "identifier",
    "name",
    "names",
    "scopes",
    "token_ttl",
    "signing_alg",
    "token_typ",
    "introspection_clients",
    "is_open",
)
OF_DETAIL_TYPE = ("type", "fields", "required", "texts", "resources", "is_remembered")


class InstitutionSection(Section):
    """Institutions, by code."""

    name, key = "institutions", "code"

    def __init__(self, registry: Institutions) -> None:
        """Keep the registry."""
        self.registry = registry

    def rows(self) -> Iterable[Institution]:
        """Give all."""
        return self.registry.list_all()

    def fold(self, key: str) -> str:
        """Codes differ by more than capitals."""
        return key.lower()

    def facts_of(self, row: Institution) -> Facts:
        """Give its code and name."""
        return {"code": row.code, "name": row.name}

    def create(self, facts: Facts) -> None:
        """Add one."""
        self.registry.create(facts["code"], facts["name"], by=None)

    def change(self, row: Institution, facts: Facts) -> None:
        """Give it another name, or capitals."""
        self.registry.change(row.id, by=None, **facts)

    def delete(self, row: Institution) -> None:
        """Remove one with its memberships."""
        self.registry.delete(row.id, by=None)


class RoleSection(Section):
    """Roles, by name; a system role may permit other things, and stays."""

    name, key = "roles", "name"

    def __init__(self, registry: RoleCatalogue) -> None:
        """Keep the registry."""
        self.registry = registry

    def rows(self) -> Iterable[Role]:
        """Give all."""
        return self.registry.list_all()

    def fold(self, key: str) -> str:
        """Names differ by more than capitals."""
        return key.lower()

    def may_go(self, row: Role) -> bool:
        """System roles stay."""
        return not row.is_system_role

    def facts_of(self, row: Role) -> Facts:
        """Give what it permits; the order says nothing."""
        return {
            "name": row.name.lower(),
            "description": row.description,
            "permissions": sorted(set(row.permissions)),
        }

    def complete(self, facts: Facts, row: Role | None) -> Facts:
        """Write it as the catalogue does."""
        del row
        return {
            "name": facts["name"].lower(),
            "description": facts["description"],
            "permissions": sorted(set(facts["permissions"])),
        }

    def create(self, facts: Facts) -> None:
        """Add one."""
        self.registry.create(by=None, **facts)

    def change(self, row: Role, facts: Facts) -> None:
        """Let it permit other things."""
        self.registry.change(row.id, by=None, **facts)

    def delete(self, row: Role) -> None:
        """Remove one that nobody holds."""
        self.registry.delete(row.id, by=None)


class ResourceSection(Section):
    """APIs with their scopes, by identifier."""

    name, key = "resources", "identifier"

    def __init__(self, registry: Resources) -> None:
        """Keep the registry."""
        self.registry = registry

    def rows(self) -> Iterable[Resource]:
        """Give all."""
        return self.registry.list_all()

    def fold(self, key: str) -> str:
        """Compare URIs as the registry does."""
        try:
            return canonical(key)
        except ValueError:
            return key

    def facts_of(self, row: Resource) -> Facts:
        """Give what is registered."""
        return {name: getattr(row, name) for name in OF_RESOURCE}

    def create(self, facts: Facts) -> None:
        """Add one."""
        self.registry.create(by=None, **facts)

    def change(self, row: Resource, facts: Facts) -> None:
        """Replace all but its identifier."""
        self.registry.replace(row.id, by=None, **facts)

    def delete(self, row: Resource) -> None:
        """Remove one: no token for it is given any more."""
        self.registry.delete(row.id, by=None)


class DetailTypeSection(Section):
    """Types of authorization details, by name (RFC 9396 §2)."""

    name, key = "detail_types", "type"

    def __init__(self, registry: DetailTypes) -> None:
        """Keep the registry."""
        self.registry = registry

    def rows(self) -> Iterable[DetailType]:
        """Give all."""
        return self.registry.list_all()

    def facts_of(self, row: DetailType) -> Facts:
        """Give what is registered."""
        return {name: getattr(row, name) for name in OF_DETAIL_TYPE}

    def create(self, facts: Facts) -> None:
        """Add one."""
        self.registry.create(by=None, **facts)

    def change(self, row: DetailType, facts: Facts) -> None:
        """Replace all but its name."""
        self.registry.replace(row.id, by=None, **facts)

    def delete(self, row: DetailType) -> None:
        """Remove one."""
        self.registry.delete(row.id, by=None)

"""People, their sessions, roles and history: the tables of older services too.

An existing ``auth`` schema has these, in part; see ``authserver db adopt``.
"""

import json

import sqlalchemy as sa
from alembic import op

from authserver.models.types import Citext, Inet, JsonB, StrList, UtcDateTime

revision = "0001"
down_revision = None

Col = sa.Column
NO, YES = sa.text("false"), sa.text("true")
EMPTY = sa.text("'{}'")
NOW = sa.func.now()
PENDING = "pending_verification"


def is_postgres() -> bool:
    return op.get_context().dialect.name == "postgresql"


def schema() -> str | None:
    return "auth" if is_postgres() else None


def within(name: str) -> str:
    return f"auth.{name}" if is_postgres() else name


def table(name: str, *columns: sa.schema.SchemaItem) -> None:
    op.create_table(name, *columns, schema=schema())


def index(table_name: str, name: str, *columns: str) -> None:
    op.create_index(f"ix_{table_name}_{name}", table_name, columns, schema=schema())


def new_id() -> sa.Column:
    drawn = sa.text("uuid_generate_v4()") if is_postgres() else None
    return Col("id", sa.Uuid(), primary_key=True, server_default=drawn)


def row_of(table_name: str) -> sa.ForeignKey:
    return sa.ForeignKey(within(f"{table_name}.id"), ondelete="CASCADE")


def created() -> sa.Column:
    return Col("created_at", UtcDateTime(), nullable=False, server_default=NOW)


def updated() -> sa.Column:
    return Col("updated_at", UtcDateTime(), nullable=False, server_default=NOW)


def counting_id() -> sa.Column:
    wide = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    return Col("id", wide, primary_key=True)


def upgrade() -> None:
    if is_postgres():
        op.execute("CREATE EXTENSION IF NOT EXISTS citext SCHEMA extensions")
        op.execute('CREATE EXTENSION IF NOT EXISTS "uuid-ossp" SCHEMA extensions')
    users()
    institutions()
    roles()
    sessions()
    verification_tokens()
    login_history()
    furnish()


def users() -> None:
    table(
        "users",
        new_id(),
        Col("email", Citext(), nullable=False, unique=True),
        Col("phone", sa.Text(), unique=True),
        Col("username", Citext(), unique=True),
        Col("full_name", sa.Text()),
        Col("avatar_url", sa.Text()),
        Col("date_of_birth", sa.Date()),
        Col("password_hash", sa.Text()),
        Col("status", sa.Text(), nullable=False, server_default=PENDING),
        Col("is_email_verified", sa.Boolean(), nullable=False, server_default=NO),
        Col("is_phone_verified", sa.Boolean(), nullable=False, server_default=NO),
        Col("email_verified_at", UtcDateTime()),
        Col("phone_verified_at", UtcDateTime()),
        Col("failed_login_attempts", sa.Integer(), nullable=False, server_default="0"),
        Col("locked_until", UtcDateTime()),
        Col("last_password_change", UtcDateTime()),
        Col("mfa_enabled", sa.Boolean(), nullable=False, server_default=NO),
        Col("mfa_secret", sa.Text()),
        Col("mfa_backup_codes", StrList()),
        Col("language", sa.Text(), nullable=False, server_default="pt-BR"),
        Col("timezone", sa.Text(), nullable=False, server_default="America/Sao_Paulo"),
        Col("metadata", JsonB, nullable=False, server_default=EMPTY),
        Col("last_login_at", UtcDateTime()),
        Col("last_seen_at", UtcDateTime()),
        Col("deleted_at", UtcDateTime()),
        Col("profile", JsonB, nullable=False, server_default=EMPTY),
        Col("cpf_sealed", sa.Text()),
        Col("cpf_index", sa.Text(), unique=True),
        Col("totp_last_step", sa.Integer()),
        Col("backup_codes_sealed", sa.Text()),
        Col("must_change_password", sa.Boolean(), nullable=False, server_default=NO),
        created(),
        updated(),
    )
    index("users", "created", "created_at", "id")
    table(
        "oauth_providers",
        new_id(),
        Col("user_id", sa.Uuid(), row_of("users"), nullable=False),
        Col("provider", sa.Text(), nullable=False),
        Col("issuer", sa.Text(), nullable=False),
        Col("subject", sa.Text(), nullable=False),
        Col("email", sa.Text()),
        Col("profile", JsonB, nullable=False),
        Col("last_used_at", UtcDateTime()),
        created(),
        sa.UniqueConstraint("issuer", "subject"),
    )
    index("oauth_providers", "user_id", "user_id")


def institutions() -> None:
    table(
        "institutions",
        Col("id", sa.Integer(), primary_key=True),
        Col("code", Citext(), nullable=False, unique=True),
        Col("name", sa.Text(), nullable=False),
        created(),
        updated(),
    )
    table(
        "user_institutions",
        Col("user_id", sa.Uuid(), row_of("users"), primary_key=True),
        Col("institution_id", sa.Integer(), row_of("institutions"), primary_key=True),
        created(),
    )


def roles() -> None:
    table(
        "roles",
        Col("id", sa.Integer(), primary_key=True),
        Col("name", Citext(), nullable=False, unique=True),
        Col("description", sa.Text()),
        Col("permissions", JsonB, nullable=False, server_default=sa.text("'[]'")),
        Col("is_system_role", sa.Boolean(), nullable=False, server_default=NO),
        created(),
        updated(),
    )
    table(
        "user_roles",
        Col("id", sa.Integer(), primary_key=True),
        Col("user_id", sa.Uuid(), row_of("users"), nullable=False),
        Col("role_id", sa.Integer(), row_of("roles"), nullable=False),
        Col("assigned_at", UtcDateTime(), nullable=False),
        Col("assigned_by", sa.Uuid()),
        Col("expires_at", UtcDateTime()),
        sa.UniqueConstraint("user_id", "role_id"),
    )
    index("user_roles", "role_id", "role_id")


def sessions() -> None:
    table(
        "sessions",
        new_id(),
        Col("user_id", sa.Uuid(), row_of("users"), nullable=False),
        Col("refresh_token", sa.Text(), nullable=False, unique=True),
        Col("refresh_token_hash", sa.Text(), nullable=False, unique=True),
        Col("device_id", sa.Text()),
        Col("device_type", sa.Text()),
        Col("device_name", sa.Text()),
        Col("ip_address", Inet()),
        Col("user_agent", sa.Text()),
        Col("location_country", sa.Text()),
        Col("location_city", sa.Text()),
        Col("expires_at", UtcDateTime(), nullable=False),
        Col("is_active", sa.Boolean(), nullable=False, server_default=YES),
        Col("last_activity_at", UtcDateTime()),
        Col("revoked_at", UtcDateTime()),
        Col("kind", sa.Text(), nullable=False, server_default="browser"),
        Col("auth_time", UtcDateTime(), nullable=False),
        Col("acr", sa.Text(), nullable=False),
        Col("amr", StrList(), nullable=False),
        Col("remembered", sa.Boolean(), nullable=False, server_default=NO),
        Col("absolute_expires_at", UtcDateTime(), nullable=False),
        Col("confirmed_at", UtcDateTime()),
        Col("revoked_because", sa.Text()),
        created(),
    )
    index("sessions", "user", "user_id", "is_active")
    index("sessions", "expires_at", "expires_at")


def verification_tokens() -> None:
    table(
        "verification_tokens",
        new_id(),
        Col("user_id", sa.Uuid(), row_of("users"), nullable=False),
        Col("token", sa.Text(), nullable=False, unique=True),
        Col("token_hash", sa.Text(), nullable=False, unique=True),
        Col("token_type", sa.Text(), nullable=False),
        Col("expires_at", UtcDateTime(), nullable=False),
        Col("is_used", sa.Boolean(), nullable=False, server_default=NO),
        Col("used_at", UtcDateTime()),
        Col("metadata", JsonB, nullable=False, server_default=EMPTY),
        Col("ip_address", Inet()),
        Col("user_agent", sa.Text()),
        Col("email", sa.Text()),
        Col("code_hash", sa.Text()),
        Col("attempts", sa.Integer(), nullable=False, server_default="0"),
        Col("browser_hash", sa.Text()),
        Col("interaction_id", sa.Uuid()),
        created(),
    )
    index("verification_tokens", "user", "user_id", "token_type")
    index("verification_tokens", "expires_at", "expires_at")
    view, tokens = within("password_resets"), within("verification_tokens")
    op.execute(PASSWORD_RESETS.format(view=view, tokens=tokens))


PASSWORD_RESETS = (
    "CREATE VIEW {view} AS SELECT id, user_id, token, token_hash, expires_at, "
    "is_used, used_at, ip_address, user_agent, created_at "
    "FROM {tokens} WHERE token_type = 'password_reset'"
)


def login_history() -> None:
    table(
        "login_history",
        counting_id(),
        Col("user_id", sa.Uuid()),
        Col("action", sa.Text(), nullable=False),
        Col("status", sa.Text(), nullable=False),
        Col("auth_method", sa.Text()),
        Col("failure_reason", sa.Text()),
        Col("ip_address", Inet()),
        Col("user_agent", sa.Text()),
        Col("device_type", sa.Text()),
        Col("location_country", sa.Text()),
        Col("location_city", sa.Text()),
        Col("attempted_email", sa.Text()),
        Col("metadata", JsonB, nullable=False, server_default=EMPTY),
        created(),
    )
    index("login_history", "user", "user_id", "id")
    index("login_history", "created_at", "created_at")


MINE = ["profile:read", "profile:update"]
LOOK = ["users:read", "roles:read", "institutions:read", "stats:read"]
RUN = [
    "users:create", "users:update", "users:delete", "users:lock",
    "users:reset_password", "roles:assign",
    "institutions:create", "institutions:update", "institutions:delete",
    "sessions:read", "sessions:revoke", "clients:read", "resources:read",
    "logs:read", "mail:preview", "mail:read", "maintenance:read",
]  # fmt: skip
RULE = [
    "roles:create", "roles:update", "roles:delete", "roles:assign_admin",
    "clients:create", "clients:update", "clients:delete",
    "resources:create", "resources:update", "resources:delete",
    "keys:read", "keys:rotate", "sessions:revoke_all",
    "mail:send", "maintenance:run", "settings:read", "settings:update",
]  # fmt: skip
ROLES = {
    "super_admin": ("Everything, and who else may", MINE + LOOK + RUN + RULE),
    "admin": ("People, institutions and their sign-ins", MINE + LOOK + RUN),
    "editor": ("Looks at people, changes nobody but themselves", MINE + LOOK),
    "user": ("Their own account", MINE),
}


FIRST_INSTITUTION = "INSERT INTO {} (code, name) VALUES ('default', 'Default')"


def furnish() -> None:
    for name in ROLES:
        op.execute(role(name, within("roles")))
    op.execute(FIRST_INSTITUTION.format(within("institutions")))


def role(name: str, roles_table: str) -> str:
    description, permissions = ROLES[name]
    return (
        f"INSERT INTO {roles_table} "
        "(name, description, permissions, is_system_role) "
        f"VALUES ('{name}', '{description}', '{json.dumps(permissions)}', true)"
    )

"""Clients, grants, tokens, consents, and what the server itself keeps."""

import sqlalchemy as sa
from alembic import op

from authserver.models.types import Inet, JsonB, StrList, UtcDateTime

revision = "0002"
down_revision = "0001"

Col = sa.Column
NO = sa.text("false")
EMPTY = sa.text("'{}'")
NOW = sa.func.now()


def schema() -> str | None:
    return "auth" if op.get_context().dialect.name == "postgresql" else None


def table(name: str, *columns: sa.schema.SchemaItem) -> None:
    op.create_table(name, *columns, schema=schema())


def index(table_name: str, name: str, *columns: str) -> None:
    op.create_index(f"ix_{table_name}_{name}", table_name, columns, schema=schema())


def new_id() -> sa.Column:
    return Col("id", sa.Uuid(), primary_key=True)


def row_of(table_name: str) -> sa.ForeignKey:
    place = f"{schema()}." if schema() else ""
    return sa.ForeignKey(f"{place}{table_name}.id", ondelete="CASCADE")


def moment(name: str) -> sa.Column:
    return Col(name, UtcDateTime(), nullable=False)


def created() -> sa.Column:
    return Col("created_at", UtcDateTime(), nullable=False, server_default=NOW)


def updated() -> sa.Column:
    return Col("updated_at", UtcDateTime(), nullable=False, server_default=NOW)


def upgrade() -> None:
    clients()
    interactions()
    authorization_codes()
    tokens()
    consents()
    security_events()
    housekeeping()


def clients() -> None:
    table(
        "clients",
        new_id(),
        Col("client_id", sa.Text(), nullable=False, unique=True),
        Col("name", sa.Text(), nullable=False),
        Col("profile", sa.Text(), nullable=False, server_default="oidc"),
        Col("redirect_uris", StrList(), nullable=False),
        Col("post_logout_redirect_uris", StrList(), nullable=False),
        Col("grant_types", StrList(), nullable=False),
        Col("response_types", StrList(), nullable=False),
        Col("scope", sa.Text(), nullable=False),
        Col("token_endpoint_auth_method", sa.Text(), nullable=False),
        Col("jwks", JsonB),
        Col("skip_consent", sa.Boolean(), nullable=False, server_default=NO),
        Col("metadata", JsonB, nullable=False, server_default=EMPTY),
        Col("disabled_at", UtcDateTime()),
        created(),
        updated(),
    )
    table(
        "client_secrets",
        new_id(),
        Col("client_id", sa.Uuid(), row_of("clients"), nullable=False),
        Col("secret_hash", sa.Text(), nullable=False),
        Col("secret_sealed", sa.Text()),
        Col("expires_at", UtcDateTime()),
        created(),
    )
    index("client_secrets", "client_id", "client_id")


def interactions() -> None:
    table(
        "interactions",
        new_id(),
        Col("client_id", sa.Uuid(), row_of("clients"), nullable=False),
        Col("request", JsonB, nullable=False),
        moment("created_at"),
        moment("expires_at"),
        Col("account_chosen_at", UtcDateTime()),
        Col("consented_at", UtcDateTime()),
        Col("consented_by", sa.Uuid()),
        Col("granted_scope", sa.Text()),
        Col("denied_at", UtcDateTime()),
        Col("finished_at", UtcDateTime()),
    )
    index("interactions", "expires_at", "expires_at")


def authorization_codes() -> None:
    table(
        "authorization_codes",
        new_id(),
        Col("code_hash", sa.Text(), nullable=False, unique=True),
        Col("client_id", sa.Uuid(), row_of("clients"), nullable=False),
        Col("user_id", sa.Uuid(), row_of("users"), nullable=False),
        Col("session_id", sa.Uuid()),
        Col("redirect_uri", sa.Text(), nullable=False),
        Col("scope", sa.Text(), nullable=False),
        Col("nonce", sa.Text()),
        Col("challenge", sa.Text()),
        Col("claims", JsonB),
        moment("auth_time"),
        Col("acr", sa.Text(), nullable=False),
        Col("amr", StrList(), nullable=False),
        moment("created_at"),
        moment("expires_at"),
        Col("used_at", UtcDateTime()),
    )
    index("authorization_codes", "expires_at", "expires_at")


def tokens() -> None:
    table(
        "token_families",
        new_id(),
        Col("client_id", sa.Uuid(), row_of("clients"), nullable=False),
        Col("user_id", sa.Uuid(), row_of("users"), nullable=False),
        Col("session_id", sa.Uuid()),
        Col("scope", sa.Text(), nullable=False),
        Col("claims", JsonB),
        moment("auth_time"),
        Col("acr", sa.Text(), nullable=False),
        Col("amr", StrList(), nullable=False),
        moment("created_at"),
        moment("expires_at"),
        Col("revoked_at", UtcDateTime()),
        Col("revoked_because", sa.Text()),
    )
    index("token_families", "user", "user_id", "client_id")
    index("token_families", "session_id", "session_id")
    index("token_families", "expires_at", "expires_at")
    table(
        "refresh_tokens",
        new_id(),
        Col("family_id", sa.Uuid(), row_of("token_families"), nullable=False),
        Col("token_hash", sa.Text(), nullable=False, unique=True),
        moment("created_at"),
        moment("expires_at"),
        Col("used_at", UtcDateTime()),
        Col("successor_id", sa.Uuid()),
    )
    index("refresh_tokens", "family_id", "family_id")
    index("refresh_tokens", "expires_at", "expires_at")
    for name, key in (("revoked_tokens", "jti"), ("spent_assertions", "fingerprint")):
        table(name, Col(key, sa.Text(), primary_key=True), moment("expires_at"))
        index(name, "expires_at", "expires_at")


def consents() -> None:
    table(
        "client_consents",
        new_id(),
        Col("user_id", sa.Uuid(), row_of("users"), nullable=False),
        Col("client_id", sa.Uuid(), row_of("clients"), nullable=False),
        Col("scope", sa.Text(), nullable=False),
        moment("granted_at"),
        sa.UniqueConstraint("user_id", "client_id"),
    )
    table(
        "terms_consents",
        new_id(),
        Col("user_id", sa.Uuid(), row_of("users"), nullable=False),
        Col("document", sa.Text(), nullable=False),
        Col("version", sa.Text(), nullable=False),
        Col("accepted", sa.Boolean(), nullable=False),
        Col("ip_address", Inet()),
        Col("user_agent", sa.Text()),
        created(),
    )
    index("terms_consents", "user_id", "user_id")


def security_events() -> None:
    table(
        "security_events",
        Col(
            "id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), primary_key=True
        ),
        Col("event", sa.Text(), nullable=False),
        Col("user_id", sa.Uuid()),
        Col("actor_id", sa.Uuid()),
        Col("client_id", sa.Uuid()),
        Col("ip_address", Inet()),
        Col("user_agent", sa.Text()),
        Col("trace_id", sa.Text()),
        Col("reason", sa.Text()),
        Col("facts", JsonB, nullable=False, server_default=EMPTY),
        Col("chain", sa.Text()),
        created(),
    )
    index("security_events", "user", "user_id", "id")
    index("security_events", "created_at", "created_at")


def housekeeping() -> None:
    table(
        "signing_keys",
        Col("kid", sa.Text(), primary_key=True),
        Col("alg", sa.Text(), nullable=False),
        Col("state", sa.Text(), nullable=False),
        Col("private_sealed", sa.Text(), nullable=False),
        moment("created_at"),
        Col("activated_at", UtcDateTime()),
        Col("retired_at", UtcDateTime()),
    )
    table(
        "outbox",
        new_id(),
        Col("letter", sa.Text(), nullable=False),
        Col("recipient", sa.Text(), nullable=False),
        Col("user_id", sa.Uuid()),
        Col("message_sealed", sa.Text()),
        Col("status", sa.Text(), nullable=False, server_default="waiting"),
        Col("attempts", sa.Integer(), nullable=False, server_default="0"),
        moment("not_before"),
        Col("claimed_until", UtcDateTime()),
        Col("sent_at", UtcDateTime()),
        Col("last_error", sa.Text()),
        created(),
    )
    index("outbox", "due", "status", "not_before")
    table(
        "rate_limits",
        Col("key", sa.Text(), primary_key=True),
        Col("count", sa.Integer(), nullable=False),
        moment("expires_at"),
    )
    index("rate_limits", "expires_at", "expires_at")
    table(
        "preferences",
        Col("name", sa.Text(), primary_key=True),
        Col("value", JsonB, nullable=False),
        created(),
        updated(),
    )

"""Requests of apps for people who are elsewhere (OpenID CIBA)."""

import sqlalchemy as sa
from alembic import op

from authserver.models.types import JsonB, StrList, UtcDateTime

revision = "0018"
down_revision = "0017"

Col = sa.Column
WAITS_TO_PING = sa.text("ping_sealed IS NOT NULL")


def upgrade() -> None:
    schema = "auth" if op.get_context().dialect.name == "postgresql" else None
    before = f"{schema}." if schema else ""
    table = "backchannel_requests"
    op.create_table(
        table,
        Col("id", sa.Uuid(), nullable=False),
        Col("secret_hash", sa.Text(), nullable=False),
        Col("client_id", sa.Uuid(), nullable=False),
        Col("user_id", sa.Uuid()),
        Col("scope", sa.Text(), nullable=False),
        Col("resources", StrList()),
        Col("details", JsonB),
        Col("interval_s", sa.Integer(), nullable=False),
        Col("polled_at", UtcDateTime()),
        Col("auth_time", UtcDateTime()),
        Col("acr", sa.Text()),
        Col("amr", StrList()),
        Col("created_at", UtcDateTime(), nullable=False),
        Col("expires_at", UtcDateTime(), nullable=False),
        Col("allowed_at", UtcDateTime()),
        Col("denied_at", UtcDateTime()),
        Col("used_at", UtcDateTime()),
        Col("binding_message", sa.Text()),
        Col("ping_sealed", sa.Text()),
        sa.PrimaryKeyConstraint("id", name=f"pk_{table}"),
        sa.UniqueConstraint("secret_hash", name=f"uq_{table}_secret_hash"),
        sa.ForeignKeyConstraint(
            ["client_id"],
            [f"{before}clients.id"],
            name=f"fk_{table}_client_id",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["user_id"],
            [f"{before}users.id"],
            name=f"fk_{table}_user_id",
            ondelete="CASCADE",
        ),
        schema=schema,
    )
    for column in ("expires_at", "client_id", "user_id"):
        op.create_index(f"ix_{table}_{column}", table, [column], schema=schema)
    op.create_index(
        f"ix_{table}_pings",
        table,
        ["expires_at"],
        schema=schema,
        postgresql_where=WAITS_TO_PING,
        sqlite_where=WAITS_TO_PING,
    )

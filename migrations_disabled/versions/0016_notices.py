"""What other servers are told: that a session has ended."""

import sqlalchemy as sa
from alembic import op

from authserver.models.types import UtcDateTime

revision = "0016"
down_revision = "0015"

Col = sa.Column


def upgrade() -> None:
    schema = "auth" if op.get_context().dialect.name == "postgresql" else None
    prefix = "auth." if schema else ""
    op.create_table(
        "notices",
        Col("id", sa.Uuid(), nullable=False),
        Col("kind", sa.Text(), nullable=False),
        Col("client_id", sa.Uuid(), nullable=False),
        Col("user_id", sa.Uuid()),
        Col("session_id", sa.Uuid()),
        Col("status", sa.Text(), nullable=False, server_default="waiting"),
        Col("attempts", sa.Integer(), nullable=False, server_default=sa.text("0")),
        Col("not_before", UtcDateTime(), nullable=False),
        Col("claimed_until", UtcDateTime()),
        Col("sent_at", UtcDateTime()),
        Col("last_error", sa.Text()),
        Col("created_at", UtcDateTime(), nullable=False, server_default=sa.func.now()),
        sa.PrimaryKeyConstraint("id", name="pk_notices"),
        sa.ForeignKeyConstraint(
            ["client_id"],
            [f"{prefix}clients.id"],
            name="fk_notices_client_id",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["user_id"],
            [f"{prefix}users.id"],
            name="fk_notices_user_id",
            ondelete="CASCADE",
        ),
        schema=schema,
    )
    for name, columns in (
        ("due", ["status", "not_before"]),
        ("client", ["client_id", "created_at"]),
        ("session_id", ["session_id"]),
    ):
        op.create_index(f"ix_notices_{name}", "notices", columns, schema=schema)

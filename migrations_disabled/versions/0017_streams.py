"""Streams of security events (OpenID SSF 1.0)."""

import sqlalchemy as sa
from alembic import op

from authserver.models.types import JsonB, StrList, UtcDateTime

revision = "0017"
down_revision = "0016"

Col = sa.Column


def upgrade() -> None:
    schema = "auth" if op.get_context().dialect.name == "postgresql" else None
    prefix = "auth." if schema else ""

    def reference(table: str, column: str, target: str) -> sa.ForeignKeyConstraint:
        return sa.ForeignKeyConstraint(
            [column],
            [f"{prefix}{target}.id"],
            name=f"fk_{table}_{column}",
            ondelete="CASCADE",
        )

    op.create_table(
        "event_streams",
        Col("id", sa.Uuid(), nullable=False),
        Col("client_id", sa.Uuid(), nullable=False),
        Col("method", sa.Text(), nullable=False),
        Col("endpoint_url", sa.Text()),
        Col("authorization_sealed", sa.Text()),
        Col("events_requested", StrList(), nullable=False),
        Col("description", sa.Text()),
        Col("status", sa.Text(), nullable=False, server_default="enabled"),
        Col("reason", sa.Text()),
        Col("verified_at", UtcDateTime()),
        Col("created_at", UtcDateTime(), nullable=False, server_default=sa.func.now()),
        Col("updated_at", UtcDateTime(), nullable=False, server_default=sa.func.now()),
        sa.PrimaryKeyConstraint("id", name="pk_event_streams"),
        sa.UniqueConstraint("client_id", name="uq_event_streams_client_id"),
        reference("event_streams", "client_id", "clients"),
        schema=schema,
    )
    op.create_table(
        "stream_subjects",
        Col("stream_id", sa.Uuid(), nullable=False),
        Col("user_id", sa.Uuid(), nullable=False),
        Col(
            "is_included", sa.Boolean(), nullable=False, server_default=sa.text("true")
        ),
        sa.PrimaryKeyConstraint("stream_id", "user_id", name="pk_stream_subjects"),
        reference("stream_subjects", "stream_id", "event_streams"),
        reference("stream_subjects", "user_id", "users"),
        schema=schema,
    )
    op.add_column("notices", Col("stream_id", sa.Uuid()), schema=schema)
    op.add_column("notices", Col("payload", JsonB), schema=schema)
    op.create_index(
        "ix_notices_stream",
        "notices",
        ["stream_id", "status", "created_at"],
        schema=schema,
    )
    op.create_index(
        "ix_event_streams_client_id", "event_streams", ["client_id"], schema=schema
    )

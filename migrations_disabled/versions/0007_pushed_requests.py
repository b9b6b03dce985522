"""Pushed authorization requests (RFC 9126)."""

import sqlalchemy as sa
from alembic import op

from authserver.models.types import JsonB, UtcDateTime

revision = "0007"
down_revision = "0006"

Col = sa.Column


def upgrade() -> None:
    schema = "auth" if op.get_context().dialect.name == "postgresql" else None
    clients = "auth.clients.id" if schema else "clients.id"
    op.create_table(
        "pushed_requests",
        Col("id", sa.Uuid(), nullable=False),
        Col("uri_hash", sa.Text(), nullable=False),
        Col("client_id", sa.Uuid(), nullable=False),
        Col("request", JsonB, nullable=False),
        Col("created_at", UtcDateTime(), nullable=False),
        Col("expires_at", UtcDateTime(), nullable=False),
        Col("used_at", UtcDateTime()),
        sa.PrimaryKeyConstraint("id", name="pk_pushed_requests"),
        sa.UniqueConstraint("uri_hash", name="uq_pushed_requests_uri_hash"),
        sa.ForeignKeyConstraint(
            ["client_id"],
            [clients],
            name="fk_pushed_requests_client_id",
            ondelete="CASCADE",
        ),
        schema=schema,
    )
    op.create_index(
        "ix_pushed_requests_expires_at",
        "pushed_requests",
        ["expires_at"],
        schema=schema,
    )
    op.add_column("interactions", Col("pushed_id", sa.Uuid()), schema=schema)

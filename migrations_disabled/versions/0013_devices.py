"""Devices that wait for their person (RFC 8628)."""

import sqlalchemy as sa
from alembic import op

from authserver.models.types import Inet, JsonB, StrList, UtcDateTime

revision = "0013"
down_revision = "0012"

Col = sa.Column


def upgrade() -> None:
    schema = "auth" if op.get_context().dialect.name == "postgresql" else None
    before = f"{schema}." if schema else ""
    op.create_table(
        "device_grants",
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
        Col("user_code_hash", sa.Text(), nullable=False),
        Col("user_code_sealed", sa.Text(), nullable=False),
        Col("ip_address", Inet()),
        Col("user_agent", sa.Text()),
        sa.PrimaryKeyConstraint("id", name="pk_device_grants"),
        sa.UniqueConstraint("secret_hash", name="uq_device_grants_secret_hash"),
        sa.UniqueConstraint("user_code_hash", name="uq_device_grants_user_code_hash"),
        sa.ForeignKeyConstraint(
            ["client_id"],
            [f"{before}clients.id"],
            name="fk_device_grants_client_id",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["user_id"],
            [f"{before}users.id"],
            name="fk_device_grants_user_id",
            ondelete="CASCADE",
        ),
        schema=schema,
    )
    for column in ("expires_at", "client_id", "user_id"):
        op.create_index(
            f"ix_device_grants_{column}", "device_grants", [column], schema=schema
        )
    op.add_column("interactions", Col("device_id", sa.Uuid()), schema=schema)

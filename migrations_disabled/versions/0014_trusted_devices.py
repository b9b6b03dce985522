"""Browsers that are not asked for the second factor for a while."""

import sqlalchemy as sa
from alembic import op

from authserver.models.types import UtcDateTime

revision = "0014"
down_revision = "0013"

Col = sa.Column


def upgrade() -> None:
    schema = "auth" if op.get_context().dialect.name == "postgresql" else None
    users = "auth.users.id" if schema else "users.id"
    op.create_table(
        "trusted_devices",
        Col("id", sa.Uuid(), nullable=False),
        Col("user_id", sa.Uuid(), nullable=False),
        Col("device_id", sa.Text(), nullable=False),
        Col("name", sa.Text()),
        Col("expires_at", UtcDateTime(), nullable=False),
        Col("created_at", UtcDateTime(), nullable=False, server_default=sa.func.now()),
        sa.PrimaryKeyConstraint("id", name="pk_trusted_devices"),
        sa.UniqueConstraint(
            "user_id", "device_id", name="uq_trusted_devices_user_id_device_id"
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], [users], name="fk_trusted_devices_user_id", ondelete="CASCADE"
        ),
        schema=schema,
    )
    op.create_index(
        "ix_trusted_devices_expires_at",
        "trusted_devices",
        ["expires_at"],
        schema=schema,
    )

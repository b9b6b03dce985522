"""Passkeys (WebAuthn Level 3)."""

import sqlalchemy as sa
from alembic import op

from authserver.models.types import UtcDateTime

revision = "0006"
down_revision = "0005"

Col = sa.Column


def upgrade() -> None:
    schema = "auth" if op.get_context().dialect.name == "postgresql" else None
    users = "auth.users.id" if schema else "users.id"
    op.create_table(
        "passkeys",
        Col("id", sa.Uuid(), nullable=False),
        Col("user_id", sa.Uuid(), nullable=False),
        Col("credential_id", sa.Text(), nullable=False),
        Col("public_key", sa.Text(), nullable=False),
        Col("sign_count", sa.BigInteger(), nullable=False),
        Col("aaguid", sa.Text(), nullable=False),
        Col("is_synced", sa.Boolean(), nullable=False),
        Col("name", sa.Text(), nullable=False),
        Col("last_used_at", UtcDateTime()),
        Col("created_at", UtcDateTime(), nullable=False, server_default=sa.func.now()),
        sa.PrimaryKeyConstraint("id", name="pk_passkeys"),
        sa.UniqueConstraint("credential_id", name="uq_passkeys_credential_id"),
        sa.ForeignKeyConstraint(
            ["user_id"], [users], name="fk_passkeys_user_id", ondelete="CASCADE"
        ),
        schema=schema,
    )
    op.create_index("ix_passkeys_user_id", "passkeys", ["user_id"], schema=schema)

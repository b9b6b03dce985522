"""Who is on the way to a provider; the place of each line in the security log."""

import sqlalchemy as sa
from alembic import op

from authserver.models.types import UtcDateTime

revision = "0004"
down_revision = "0003"

Col = sa.Column
WAITING = sa.text("chain IS NULL")
PLACED = sa.text("position IS NOT NULL")


def schema() -> str | None:
    return "auth" if op.get_context().dialect.name == "postgresql" else None


def upgrade() -> None:
    connection_attempts()
    audit_chain()


def connection_attempts() -> None:
    users = "auth.users.id" if schema() else "users.id"
    op.create_table(
        "connection_attempts",
        Col("id", sa.Uuid(), nullable=False),
        Col("state_hash", sa.Text(), nullable=False),
        Col("provider", sa.Text(), nullable=False),
        Col("face", sa.Text(), nullable=False),
        Col("browser_hash", sa.Text(), nullable=False),
        Col("secrets_sealed", sa.Text(), nullable=False),
        Col("return_to", sa.Text()),
        Col("remember", sa.Boolean(), nullable=False),
        Col("interaction_id", sa.Uuid()),
        Col("user_id", sa.Uuid()),
        Col("session_id", sa.Uuid()),
        Col("created_at", UtcDateTime(), nullable=False),
        Col("expires_at", UtcDateTime(), nullable=False),
        Col("used_at", UtcDateTime()),
        sa.PrimaryKeyConstraint("id", name="pk_connection_attempts"),
        sa.ForeignKeyConstraint(
            ["user_id"],
            [users],
            name="fk_connection_attempts_user_id",
            ondelete="CASCADE",
        ),
        schema=schema(),
    )
    op.create_index(
        "ix_connection_attempts_expires_at",
        "connection_attempts",
        ["expires_at"],
        schema=schema(),
    )


def audit_chain() -> None:
    op.create_table(
        "audit_chain",
        Col("name", sa.Text(), nullable=False),
        Col("first_position", sa.BigInteger(), nullable=False),
        Col("first_chain", sa.Text(), nullable=False),
        Col("last_position", sa.BigInteger(), nullable=False),
        Col("last_chain", sa.Text(), nullable=False),
        Col("seal", sa.Text(), nullable=False),
        Col("updated_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_audit_chain"),
        schema=schema(),
    )
    op.add_column("security_events", Col("position", sa.BigInteger()), schema=schema())
    op.create_index(
        "ix_security_events_waiting",
        "security_events",
        ["id"],
        schema=schema(),
        postgresql_where=WAITING,
        sqlite_where=WAITING,
    )
    op.create_index(
        "ix_security_events_position",
        "security_events",
        ["position"],
        unique=True,
        schema=schema(),
        postgresql_where=PLACED,
        sqlite_where=PLACED,
    )

"""Clients that register themselves (RFC 7591): how they came, tokens for it, logos."""

import sqlalchemy as sa
from alembic import op

from authserver.models.types import UtcDateTime

revision = "0010"
down_revision = "0009"

Col = sa.Column
TABLES = (
    "authorization_codes",
    "client_consents",
    "interactions",
    "pushed_requests",
    "token_families",
)


def schema() -> str | None:
    return "auth" if op.get_context().dialect.name == "postgresql" else None


def upgrade() -> None:
    clients()
    initial_tokens()
    client_logos()


def clients() -> None:
    for column in (
        Col("registered_by", sa.Text(), nullable=False, server_default="operator"),
        Col("registration_token_hash", sa.Text()),
        Col("initial_token_id", sa.Uuid()),
        Col("unused_until", UtcDateTime()),
        Col("fresh_until", UtcDateTime()),
    ):
        op.add_column("clients", column, schema=schema())
    op.create_index(
        "ix_clients_unused_until", "clients", ["unused_until"], schema=schema()
    )

    # A client that goes takes its rows along, and must not look for them everywhere.
    for table in TABLES:
        op.create_index(f"ix_{table}_client_id", table, ["client_id"], schema=schema())


def initial_tokens() -> None:
    op.create_table(
        "initial_tokens",
        Col("id", sa.Uuid(), nullable=False),
        Col("token_hash", sa.Text(), nullable=False),
        Col("note", sa.Text(), nullable=False),
        Col("profile", sa.Text(), nullable=False),
        Col("uses", sa.Integer(), nullable=False),
        Col("uses_left", sa.Integer(), nullable=False),
        Col("created_at", UtcDateTime(), nullable=False, server_default=sa.func.now()),
        Col("expires_at", UtcDateTime(), nullable=False),
        Col("revoked_at", UtcDateTime()),
        Col("last_used_at", UtcDateTime()),
        sa.PrimaryKeyConstraint("id", name="pk_initial_tokens"),
        sa.UniqueConstraint("token_hash", name="uq_initial_tokens_token_hash"),
        schema=schema(),
    )
    op.create_index(
        "ix_initial_tokens_expires_at",
        "initial_tokens",
        ["expires_at"],
        schema=schema(),
    )


def client_logos() -> None:
    clients_id = "auth.clients.id" if schema() else "clients.id"
    op.create_table(
        "client_logos",
        Col("client_id", sa.Uuid(), nullable=False),
        Col("address", sa.Text(), nullable=False),
        Col("image", sa.LargeBinary(), nullable=False),
        Col("digest", sa.Text(), nullable=False),
        Col("fetched_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("client_id", name="pk_client_logos"),
        sa.ForeignKeyConstraint(
            ["client_id"],
            [clients_id],
            name="fk_client_logos_client_id",
            ondelete="CASCADE",
        ),
        schema=schema(),
    )

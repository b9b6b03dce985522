"""Types of authorization details, and the details that were granted (RFC 9396)."""

import sqlalchemy as sa
from alembic import op

from authserver.models.types import JsonB, StrList, UtcDateTime

revision = "0012"
down_revision = "0011"

Col = sa.Column
NOW = sa.func.now()
HOLDING = ("authorization_codes", "token_families", "client_consents")


def upgrade() -> None:
    schema = "auth" if op.get_context().dialect.name == "postgresql" else None
    op.create_table(
        "detail_types",
        Col("id", sa.Uuid(), nullable=False),
        Col("type", sa.Text(), nullable=False),
        Col("fields", JsonB, nullable=False),
        Col("required", StrList(), nullable=False),
        Col("texts", JsonB, nullable=False),
        Col("resources", StrList(), nullable=False),
        Col("is_remembered", sa.Boolean(), nullable=False),
        Col("created_at", UtcDateTime(), nullable=False, server_default=NOW),
        Col("updated_at", UtcDateTime(), nullable=False, server_default=NOW),
        sa.PrimaryKeyConstraint("id", name="pk_detail_types"),
        sa.UniqueConstraint("type", name="uq_detail_types_type"),
        schema=schema,
    )
    for table in HOLDING:
        op.add_column(table, Col("details", JsonB), schema=schema)

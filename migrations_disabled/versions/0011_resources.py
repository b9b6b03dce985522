"""APIs that tokens are for, and which of them a code, a family and a consent name."""

import sqlalchemy as sa
from alembic import op

from authserver.models.types import JsonB, StrList, UtcDateTime

revision = "0011"
down_revision = "0010"

Col = sa.Column
NOW = sa.func.now()
NAMING = ("authorization_codes", "token_families", "client_consents")


def upgrade() -> None:
    schema = "auth" if op.get_context().dialect.name == "postgresql" else None
    op.create_table(
        "resources",
        Col("id", sa.Uuid(), nullable=False),
        Col("identifier", sa.Text(), nullable=False),
        Col("name", sa.Text(), nullable=False),
        Col("names", JsonB, nullable=False),
        Col("scopes", JsonB, nullable=False),
        Col("token_ttl", sa.Integer()),
        Col("signing_alg", sa.Text()),
        Col("introspection_clients", StrList(), nullable=False),
        Col("is_open", sa.Boolean(), nullable=False),
        Col("created_at", UtcDateTime(), nullable=False, server_default=NOW),
        Col("updated_at", UtcDateTime(), nullable=False, server_default=NOW),
        sa.PrimaryKeyConstraint("id", name="pk_resources"),
        sa.UniqueConstraint("identifier", name="uq_resources_identifier"),
        schema=schema,
    )
    for table in NAMING:
        op.add_column(table, Col("resources", StrList()), schema=schema)

"""Codes and token families that are bound to a key; used DPoP proofs."""

import sqlalchemy as sa
from alembic import op

from authserver.models.types import JsonB, UtcDateTime

revision = "0009"
down_revision = "0008"

Col = sa.Column


def upgrade() -> None:
    schema = "auth" if op.get_context().dialect.name == "postgresql" else None
    op.add_column("authorization_codes", Col("dpop_jkt", sa.Text()), schema=schema)
    op.add_column("token_families", Col("cnf", JsonB), schema=schema)
    op.create_table(
        "spent_proofs",
        Col("fingerprint", sa.Text(), primary_key=True),
        Col("expires_at", UtcDateTime(), nullable=False),
        schema=schema,
    )
    op.create_index(
        "ix_spent_proofs_expires_at", "spent_proofs", ["expires_at"], schema=schema
    )

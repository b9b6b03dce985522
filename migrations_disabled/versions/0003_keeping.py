"""Answers that are remembered by their Idempotency-Key; when a user became nobody."""

import sqlalchemy as sa
from alembic import op

from authserver.models.types import UtcDateTime

revision = "0003"
down_revision = "0002"

Col = sa.Column
TO_ANONYMISE = sa.text("deleted_at IS NOT NULL AND anonymised_at IS NULL")


def schema() -> str | None:
    return "auth" if op.get_context().dialect.name == "postgresql" else None


def upgrade() -> None:
    op.create_table(
        "remembered_answers",
        Col("key", sa.Text(), primary_key=True),
        Col("request_print", sa.Text(), nullable=False),
        Col("status", sa.Integer()),
        Col("answer_sealed", sa.Text()),
        Col("created_at", UtcDateTime(), nullable=False),
        Col("expires_at", UtcDateTime(), nullable=False),
        schema=schema(),
    )
    op.create_index(
        "ix_remembered_answers_expires_at",
        "remembered_answers",
        ["expires_at"],
        schema=schema(),
    )
    op.add_column("users", Col("anonymised_at", UtcDateTime()), schema=schema())
    op.create_index(
        "ix_users_to_anonymise",
        "users",
        ["deleted_at"],
        schema=schema(),
        postgresql_where=TO_ANONYMISE,
        sqlite_where=TO_ANONYMISE,
    )

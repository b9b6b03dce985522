"""What the console lists and counts by the day it was made is found by an index."""

from alembic import op

revision = "0008"
down_revision = "0007"

INDEXES = {
    "ix_sessions_created": ("sessions", ["created_at", "id"]),
    "ix_token_families_created_at": ("token_families", ["created_at"]),
    "ix_outbox_created_at": ("outbox", ["created_at"]),
}


def upgrade() -> None:
    is_postgres = op.get_context().dialect.name == "postgresql"
    for name, (table, columns) in INDEXES.items():
        op.create_index(name, table, columns, schema="auth" if is_postgres else None)

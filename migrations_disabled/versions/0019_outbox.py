"""The outbox is listed by state, by kind of letter and by address: by an index each."""

from alembic import op

revision = "0019"
down_revision = "0018"

INDEXES = {
    "ix_outbox_created": ["created_at", "id"],
    "ix_outbox_status": ["status", "created_at", "id"],
    "ix_outbox_letter": ["letter", "created_at", "id"],
    "ix_outbox_recipient": ["recipient", "created_at", "id"],
}


def upgrade() -> None:
    is_postgres = op.get_context().dialect.name == "postgresql"
    schema = "auth" if is_postgres else None
    for name, columns in INDEXES.items():
        op.create_index(name, "outbox", columns, schema=schema)
    # The first of them does the same, and more.
    op.drop_index("ix_outbox_created_at", "outbox", schema=schema)

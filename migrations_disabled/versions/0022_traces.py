"""A try to sign in is found by the reference that an error page shows."""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"


def upgrade() -> None:
    is_postgres = op.get_context().dialect.name == "postgresql"
    schema = "auth" if is_postgres else None
    op.add_column("login_history", sa.Column("trace_id", sa.Text()), schema=schema)
    op.create_index(
        "ix_login_history_trace_id", "login_history", ["trace_id"], schema=schema
    )

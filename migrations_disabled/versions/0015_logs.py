"""Logs and sessions are narrowed by event, trace, address, operator: by an index."""

from alembic import op

revision = "0015"
down_revision = "0014"

INDEXES = {
    "ix_sessions_ip": ("sessions", ["ip_address", "created_at", "id"]),
    "ix_login_history_ip": ("login_history", ["ip_address", "id"]),
    "ix_security_events_event": ("security_events", ["event", "id"]),
    "ix_security_events_trace_id": ("security_events", ["trace_id"]),
    "ix_security_events_ip": ("security_events", ["ip_address", "id"]),
    "ix_security_events_actor": ("security_events", ["actor_id", "id"]),
}


def upgrade() -> None:
    is_postgres = op.get_context().dialect.name == "postgresql"
    for name, (table, columns) in INDEXES.items():
        op.create_index(name, table, columns, schema="auth" if is_postgres else None)

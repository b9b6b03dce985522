"""What was refused in a flow, found by the trace id of its error page."""

import sqlalchemy as sa
from alembic import op

from authserver.models.types import JsonB, UtcDateTime

revision = "0021"
down_revision = "0020"

Col = sa.Column


def upgrade() -> None:
    schema = "auth" if op.get_context().dialect.name == "postgresql" else None
    table = "refused_requests"
    op.create_table(
        table,
        Col("id", sa.Uuid(), nullable=False),
        Col("trace_id", sa.Text(), nullable=False),
        Col("endpoint", sa.Text(), nullable=False),
        Col("client_id", sa.Uuid()),
        Col("interaction_id", sa.Uuid()),
        Col("grant_id", sa.Uuid()),
        Col("asked", JsonB, nullable=False),
        Col("error", sa.Text(), nullable=False),
        Col("status", sa.Integer(), nullable=False),
        Col("description", sa.Text(), nullable=False),
        Col("detail", sa.Text(), nullable=False),
        Col("parameter", sa.Text()),
        Col("section", sa.Text(), nullable=False),
        Col("created_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=f"pk_{table}"),
        schema=schema,
    )
    for name, columns in {
        "created_at": ["created_at", "id"],
        "trace_id": ["trace_id"],
        "client_id": ["client_id", "created_at"],
        "interaction_id": ["interaction_id"],
        "grant_id": ["grant_id"],
    }.items():
        op.create_index(f"ix_{table}_{name}", table, columns, schema=schema)
    op.add_column("interactions", Col("trace_id", sa.Text()), schema=schema)
    for name, columns in {
        "created_at": ["created_at", "id"],
        "trace_id": ["trace_id"],
    }.items():
        op.create_index(
            f"ix_interactions_{name}", "interactions", columns, schema=schema
        )

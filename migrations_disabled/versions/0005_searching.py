"""People are found by any part of address, name or number, however many there are.

On PostgreSQL alone: a trigram index over the text that ``core/directory`` searches.
Where we may not make its extension, the search works without it, by reading on.
"""

from alembic import op

revision = "0005"
down_revision = "0004"

SEARCHED = (
    "(lower(email::text) || ' ' || lower(coalesce(full_name, '')) || ' ' || "
    "lower(coalesce(username::text, '')) || ' ' || coalesce(phone, ''))"
)


def upgrade() -> None:
    is_postgres = op.get_context().dialect.name == "postgresql"
    op.create_index(
        "ix_users_status",
        "users",
        ["status", "created_at", "id"],
        schema="auth" if is_postgres else None,
    )
    if not is_postgres:
        return
    op.execute(
        "DO $$ BEGIN "
        "CREATE EXTENSION IF NOT EXISTS pg_trgm SCHEMA extensions; "
        "CREATE INDEX ix_users_searched ON auth.users "
        f"USING gin ({SEARCHED} gin_trgm_ops); "
        "EXCEPTION WHEN insufficient_privilege THEN "
        "RAISE NOTICE 'without pg_trgm a search reads all people'; "
        "END $$"
    )

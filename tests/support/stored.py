"""Everything that a server keeps in its database, as text: for looking what is not there."""

from __future__ import annotations

import sqlalchemy as sa


def everything_stored(url: str) -> str:
    """Give all rows of all tables of all schemas."""
    engine = sa.create_engine(url.replace("postgresql://", "postgresql+psycopg2://"))
    cells: list[str] = []
    with engine.connect() as connection:
        inspector = sa.inspect(connection)
        for schema in inspector.get_schema_names():
            if schema in ("information_schema", "pg_catalog"):
                continue
            for table in inspector.get_table_names(schema=schema):
                rows = connection.execute(
                    sa.text(f'SELECT * FROM "{schema}"."{table}"')
                )
                cells += [_text(cell) for row in rows for cell in row]
    engine.dispose()
    return "\n".join(cells)


def _text(cell: object) -> str:
    if isinstance(cell, bytes | memoryview):
        return bytes(cell).decode("latin-1")
    return str(cell)

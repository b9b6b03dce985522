"""Tables put back to what a migration leaves: some rows, and otherwise nothing."""

from sqlalchemy import Connection, Engine, Table, select

from authserver.models import Base

TABLES = Base.metadata.sorted_tables


class Furnishing:
    """The rows that are there before a test; roles and keys, mostly."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        with engine.connect() as connection:
            self.rows = {table: read(connection, table) for table in TABLES}

    def put_back(self) -> None:
        """Empty what a test has filled; a table that is as it was is not touched."""
        with self.engine.begin() as connection:
            changed = [t for t in TABLES if read(connection, t) != self.rows[t]]
            if any(self.rows[table] for table in changed):
                # Rows that go take with them what refers to them.
                changed = TABLES
            for table in reversed(changed):
                connection.execute(table.delete())
            for table in changed:
                if self.rows[table]:
                    connection.execute(table.insert(), self.rows[table])


def read(connection: Connection, table: Table) -> list[dict[str, object]]:
    ordered = select(table).order_by(*table.primary_key.columns)
    return [dict(row) for row in connection.execute(ordered).mappings()]

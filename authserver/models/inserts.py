"""Inserts that say what happens where the row is there already: ``ON CONFLICT``.

Both databases have it, and SQLAlchemy a construct of its own for each.
"""

from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session, scoped_session

from authserver.models.base import Base


def insert_into(
    db: scoped_session[Session], table: type[Base]
) -> postgresql.Insert | sqlite.Insert:
    """Begin an insert into a table, in the words of the database at hand."""
    is_postgres = db.get_bind().dialect.name == "postgresql"
    return (postgresql.insert if is_postgres else sqlite.insert)(table)

"""Spend a row, and insert what follows from it: all of it, or nothing.

PostgreSQL does it in one statement, which saves the round trips of more.  SQLite, which
has no writing common table expressions and no round trips, does one after another in the
transaction of the request.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Update, bindparam, insert, select
from sqlalchemy.orm import Session, scoped_session

from authserver.models.base import Base
from authserver.models.constants import Constant
from authserver.models.engines import Reads


class Spending:
    """An UPDATE that finds a row unspent, and the INSERT that hangs on it."""

    def __init__(
        self, spent: Update, follows: type[Base], columns: Sequence[str]
    ) -> None:
        """Take what spends, and where a row is to be made.

        Args:
            spent: With a condition that only one of many at once can meet.
            follows: The table of the new row.
            columns: Those that the new row has values for.
        """
        spent = spent.returning(*spent.table.primary_key.columns)
        table = follows.__table__
        values = [
            bindparam(f"new_{name}", type_=table.c[name].type) for name in columns
        ]
        made = insert(follows).from_select(
            list(columns),
            select(*values).select_from(spent.cte("spent")),
            include_defaults=False,
        )
        self._together = Constant(made.returning(*table.primary_key.columns))
        self._spent = Constant(spent)
        self._made = Constant(insert(follows))

    def run(
        self,
        db: scoped_session[Session],
        params: Mapping[str, Any],
        row: Mapping[str, Any],
        *,
        reads: Reads,
    ) -> bool:
        """Give whether it was there to spend; where it was not, nothing is inserted.

        Args:
            db: The session of this request; what it has begun is joined.
            params: Of the UPDATE.
            row: The values of the new row.
            reads: Where one statement runs that nothing was begun before.
        """
        if reads.engine.dialect.name == "postgresql":
            made = {f"new_{name}": value for name, value in row.items()}
            return bool(reads.run_alone(self._together, {**params, **made}, db))
        if self._spent.first(db, params) is None:
            return False
        self._made.run(db, row)
        return True

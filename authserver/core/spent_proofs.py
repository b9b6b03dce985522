"""The ``jti`` of proofs, each taken once: alone, or with the read that a request makes.

RFC 9449 §11.1.  One insert of a unique value, outside of any transaction: of many at once
one wins, and a refusal later on does not give it back.  PostgreSQL reads and inserts in
one round trip; SQLite, which has none, does one after the other.
"""

from typing import Any

from sqlalchemy import Row, Select, TextClause, bindparam, exists, select, text, true
from sqlalchemy.dialects import postgresql, sqlite

from authserver.models.constants import Constant
from authserver.models.engines import Reads
from authserver.models.token import SpentProof

Params = dict[str, Any]
_NAMES = ("fingerprint", "expires_at")
_is_not_flushed = text("set_config('synchronous_commit', 'off', true) = 'off'")
"""Of this one statement, which is a transaction by itself (decision 0026)."""


def _taking(insert: Any, values: Select[Any]) -> Any:
    made = insert(SpentProof).from_select(list(_NAMES), values)
    return made.on_conflict_do_nothing().returning(SpentProof.fingerprint)


def _values(*conditions: TextClause) -> Select[Any]:
    columns = SpentProof.__table__.c
    values = [bindparam(name, type_=columns[name].type) for name in _NAMES]
    return select(*values).where(true(), *conditions)


_taken = {
    "postgresql": Constant(_taking(postgresql.insert, _values(_is_not_flushed))),
    "sqlite": Constant(_taking(sqlite.insert, _values())),
}


class ProvenRead:
    """A read of one row, alone or with a proof that is taken if the row is there."""

    def __init__(self, found: Select[Any]) -> None:
        """Take the read."""
        self.alone = Constant(found)
        rows = found.cte("found")
        values = _values(_is_not_flushed).select_from(rows)
        taken = _taking(postgresql.insert, values).cte("taken")
        is_new = exists(select(taken.c.fingerprint)).label("is_new")
        self.together = Constant(select(rows, is_new))


def take(reads: Reads, proof: Params) -> bool:
    """Take the ``jti`` of a proof; give whether it was there to take.

    Args:
        reads: Where statements run that are transactions by themselves.
        proof: ``fingerprint``, and ``expires_at``: when no proof of it is taken any more.
    """
    return bool(reads.all(_taken[reads.engine.dialect.name], proof))


def take_with(
    reads: Reads, read: ProvenRead, params: Params, proof: Params
) -> tuple[Row[Any] | None, bool]:
    """Give a row, and whether the ``jti`` was there to take; without a row it is left."""
    if reads.engine.dialect.name == "postgresql":
        row = reads.first(read.together, params | proof)
        return row, row is None or row.is_new
    row = reads.first(read.alone, params)
    return row, row is None or take(reads, proof)

"""Statements that change nothing, and cost what those cost that do.

Whoever asks about an address that nobody has must wait as long as for one that
somebody has (C12).
"""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Insert, cast, false, insert, literal, select

from authserver.models.base import Base


def nothing_into(table: type[Base], values: Mapping[str, Any]) -> Insert:
    """Insert no row into a table: the same values, the same way there and back.

    Args:
        table: Which.
        values: What a row would have held, by the names of the class.
    """
    columns = {name: getattr(table, name).property.columns[0] for name in values}
    row = select(
        *(
            cast(literal(values[name], column.type), column.type).label(column.name)
            for name, column in columns.items()
        )
    )
    names = [column.name for column in columns.values()]
    return insert(table).from_select(names, row.where(false()), include_defaults=False)

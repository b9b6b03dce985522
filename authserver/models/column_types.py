"""Which column types the server can live with, beside the one it would choose.

An older service's ``varchar`` does where we have ``text``, if it is wide enough; a
``timestamp`` without zone does, read as UTC, since our connections are in UTC.
"""

import re
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Column

WIDTH = re.compile(r"VARCHAR\((\d+)\)")
ROOM = {"phone": 16, "language": 35, "device_type": 20, "location_country": 2}
ROOM |= {"status": 20, "token_type": 20, "action": 32, "auth_method": 32}
ROOM |= {"token": 36, "refresh_token": 36, "token_hash": 64, "refresh_token_hash": 64}
ROOM |= {"timezone": 40, "password_hash": 128, "user_agent": 8192}
ENOUGH = 200
"""How wide a column must be to hold what we write; this much when it is not named."""

LOOKED_UP_IN_LOWER_CASE = {
    ("users", "username"),
    ("roles", "name"),
    ("institutions", "code"),
}

AS_GOOD = {
    "TEXT": r"CITEXT|VARCHAR(\(\d+\))?",
    "JSONB": r"JSON",
    "TEXT[]": r"VARCHAR(\(\d+\))?\[\]",
    "BIGINT": r"INTEGER",
    "INTEGER": r"BIGINT",
    "TIMESTAMP WITH TIME ZONE": r"TIMESTAMP(\(\d\))? WITH(OUT)? TIME ZONE",
}
CONVERTIBLE = re.compile(r"(CITEXT|TEXT|VARCHAR|CHAR|TIMESTAMP|JSON)\b.*")


@dataclass(frozen=True)
class Verdict:
    """What is to be said of a type that is not the expected one."""

    is_wrong: bool
    what: str
    cure: str = ""


def verdict(column: Column[Any], expected: str, found: str) -> Verdict | None:
    """Judge the type of a column that exists; None when it is the expected one."""
    if found == expected:
        return None
    place = f"{column.table.fullname} ALTER COLUMN {column.name}"
    cure = f"ALTER TABLE {place} TYPE {expected} USING {column.name}::{expected};"
    width = WIDTH.fullmatch(found)
    if width and int(width[1]) < ROOM.get(column.name, ENOUGH):
        what = f"is {found}, too narrow for what is written"
        return Verdict(True, what, f"ALTER TABLE {place} TYPE text;")
    as_good = AS_GOOD.get(expected, "")
    if (column.table.name, column.name) in LOOKED_UP_IN_LOWER_CASE:
        as_good = r"TEXT|VARCHAR(\(\d+\))?"
    what = f"is {found}, not {expected}"
    if as_good and re.fullmatch(as_good, found):
        return Verdict(False, what)
    can_convert = expected == "TEXT" or (
        expected != "UUID" and CONVERTIBLE.fullmatch(found)
    )
    return Verdict(True, what, cure if can_convert else "")

"""Authorization details: read, compare, put into words (RFC 9396).

What a client sends here ends in a table, in tokens and before a person's eyes, so it is
read more strictly than JSON asks: each name once, finite numbers, text that is text.
"""

import json
import math
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NoReturn

from authserver.errors import InvalidDetails

Detail = dict[str, Any]

MAX_CHARS = 16_384
MOST = 20
MAX_DEPTH = 12
MAX_DIGITS = 30
TYPE, LOCATIONS = "type", "locations"

_FIELD = re.compile(r"\{([A-Za-z_][\w-]*(?:\.[A-Za-z_][\w-]*)*)\}")


def parse(text: str | None) -> list[Detail]:
    """Read the ``authorization_details`` parameter (RFC 9396 §2).

    Raises:
        InvalidDetails: It is no JSON array of objects that each name a type.
    """
    if text is None:
        return []
    if len(text) > MAX_CHARS:
        raise InvalidDetails("authorization_details is too long")
    try:
        found = json.loads(
            text,
            object_pairs_hook=_once,
            parse_constant=_no_number,
            parse_float=_finite,
            parse_int=_integer,
        )
    except (ValueError, RecursionError):
        raise InvalidDetails("authorization_details is not JSON") from None
    if not isinstance(found, list) or not 0 < len(found) <= MOST:
        raise InvalidDetails("authorization_details is no array of some objects")
    for one in found:
        if not isinstance(one, dict) or not isinstance(one.get(TYPE), str):
            raise InvalidDetails("an authorization detail names no type")
        _check_text(one, depth=0)
    return found


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        msg = "a name came twice"
        raise ValueError(msg)
    return found


def _no_number(word: str) -> NoReturn:
    msg = f"{word} is no JSON"
    raise ValueError(msg)


def _finite(text: str) -> float | int:
    number = float(text)
    if not math.isfinite(number) or len(text) > MAX_DIGITS:
        _no_number("the number")
    # 1.0 and 1 are one number in JSON; a table may give back either.
    return int(number) if number.is_integer() else number


def _integer(text: str) -> int:
    if len(text) > MAX_DIGITS:
        _no_number("the number")
    return int(text)


def _check_text(value: object, *, depth: int) -> None:
    """Let only text through that a table can keep and a page can show."""
    if depth > MAX_DEPTH:
        raise InvalidDetails("authorization details nest too deep")
    if isinstance(value, str) and not value.isprintable():
        raise InvalidDetails("an authorization detail holds what is no text")
    if isinstance(value, dict):
        for name, inner in value.items():
            _check_text(name, depth=depth)
            _check_text(inner, depth=depth + 1)
    if isinstance(value, list):
        for inner in value:
            _check_text(inner, depth=depth + 1)


def narrowed(granted: Sequence[Detail], asked: Sequence[Detail]) -> list[Detail]:
    """Give what of a grant is asked for one token (RFC 9396 §6).

    Each object asked must be one that was granted, or the same with fewer values in a
    list.  A field that is left out is no narrowing: without it the object may mean
    more.

    Raises:
        InvalidDetails: Something was not granted.
    """
    if not asked:
        return list(granted)
    for one in asked:
        if not any(_is_within(one, other) for other in granted):
            raise InvalidDetails("an authorization detail that was not granted")
    return list(asked)


def _is_within(asked: Detail, granted: Detail) -> bool:
    if asked.keys() != granted.keys():
        return False
    return all(_is_same_or_less(asked[name], granted[name]) for name in asked)


def _is_same_or_less(asked: Any, granted: Any) -> bool:
    if isinstance(asked, list) and isinstance(granted, list):
        known = {_written(one) for one in granted}
        return bool(asked) and all(_written(one) in known for one in asked)
    return _written(asked) == _written(granted)


def covers(granted: Iterable[Detail] | None, asked: Iterable[Detail]) -> bool:
    """Whether each object asked is one that was granted, field by field."""
    known = {_written(one) for one in granted or ()}
    return all(_written(one) in known for one in asked)


def merged(before: Iterable[Detail] | None, more: Iterable[Detail]) -> list[Detail]:
    """Give both, each once, in the order they came."""
    by_text = {_written(one): one for one in [*(before or ()), *more]}
    return list(by_text.values())


def _written(value: Any) -> str:
    # 1 and true are equal in Python, and not in JSON.
    return json.dumps(value, sort_keys=True)


def said(template: str, detail: Mapping[str, Any]) -> str:
    """Put a detail into an operator's sentence: ``Pay {amount.value} to {payee}``."""
    return _FIELD.sub(lambda found: in_words(_at(detail, found[1])), template)


def _at(detail: object, path: str) -> object:
    for name in path.split("."):
        detail = detail.get(name) if isinstance(detail, Mapping) else None
    return detail


def unsaid(template: str, detail: Mapping[str, Any]) -> dict[str, Any]:
    """Give the fields that a sentence does not name: a person must see all."""
    named = {found.split(".")[0] for found in _FIELD.findall(template)}
    return {name: value for name, value in detail.items() if name not in {TYPE, *named}}


def in_words(value: object) -> str:
    """Write a value for a person, without brackets and quotes."""
    if value is None:
        return "-"
    if isinstance(value, str):
        return value
    if isinstance(value, list):
        return ", ".join(in_words(one) for one in value)
    if isinstance(value, Mapping):
        return ", ".join(f"{name}: {in_words(one)}" for name, one in value.items())
    return json.dumps(value)

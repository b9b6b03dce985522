"""Read what a caller sent, strictly, and name every fault by its field.

A group is a blueprint of endpoints with one tag in the documentation.
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any, NoReturn

from flask import Request
from flask_smorest import Blueprint
from flask_smorest.arguments import FlaskParser
from marshmallow import Schema, ValidationError, missing

from authserver.api import faults
from authserver.errors import AuthError, InvalidInput, UnsupportedMedia
from authserver.http import language

BODY = "body"
"""What a fault of the whole body is called."""
LONGEST_NAME = 64
MOST_FAULTS = 50


class Reader(FlaskParser):  # type: ignore[misc]
    """webargs, with refusals of our own tree and no way to a crash."""

    def _raw_load_json(self, req: Request) -> Any:
        raw = req.get_data(cache=True)
        if not raw:
            return missing
        if not req.is_json:
            raise UnsupportedMedia(
                f"body of type {req.mimetype[:80]!r}", public="Send JSON."
            )
        try:
            return json.loads(raw, parse_constant=_refuse_constant)
        except (ValueError, RecursionError) as fault:
            # Also numbers of thousands of digits, and nesting without end.
            raise AuthError(
                type(fault).__name__, public="The body is not valid JSON."
            ) from None

    def handle_error(
        self,
        error: ValidationError,
        req: Request,
        schema: Schema,
        *,
        error_status_code: int | None,
        error_headers: Mapping[str, str] | None,
    ) -> NoReturn:
        """Refuse with all faults at once."""
        del req, schema, error_status_code, error_headers
        found: dict[str, list[str]] = {}
        for name, said in _flat(error.normalized_messages()):
            if len(found) < MOST_FAULTS:
                found.setdefault(_plain(name), []).append(faults.translate(said))
        raise InvalidInput(fields=found)


class Group(Blueprint):  # type: ignore[misc]
    """Endpoints about one thing.

    To Flask its name begins with ``api``, as the names of all endpoints of this face.
    """

    ARGUMENTS_PARSER = Reader()

    def __init__(self, tag: str, about: str, *, url_prefix: str) -> None:
        """Take the tag of the documentation and what it is about."""
        words = "".join(ch if ch.isalnum() else " " for ch in tag.lower()).split()
        name = "-".join(["api", *words, *([] if url_prefix else ["root"])])
        super().__init__(name, __name__, url_prefix=url_prefix, description=about)
        self.tag = tag
        self.before_request(language.note)


def _refuse_constant(word: str) -> NoReturn:
    """RFC 8259 §6 knows no NaN and no Infinity."""
    raise ValueError(word)


def _flat(said: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[str, str]]:
    """Give (field, sentence) of nested messages; the first key names the location."""
    if isinstance(said, Mapping):
        for key, inner in said.items():
            yield from _flat(inner, (*path, str(key)))
    elif isinstance(said, list | tuple):
        for one in said:
            yield from _flat(one, path)
    else:
        names = [name for name in path[1:] if name != "_schema"]
        yield ".".join(names) or BODY, str(said)


def _plain(name: str) -> str:
    """The name came from the caller: keep it short, and text that can be sent."""
    return name[:LONGEST_NAME].encode("utf-8", "replace").decode()

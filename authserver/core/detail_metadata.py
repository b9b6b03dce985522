"""What a type of authorization details must look like (RFC 9396 §2, JSON Schema 2020-12).

An operator gives a schema for each field.  A field that has none is refused, at the
top and in every nested object that lists its own (RFC 9396 §5).
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import SchemaError
from referencing import Registry

from authserver.core.details import TYPE
from authserver.core.targets import canonical

MAX_TEXT = 500
MOST_FIELDS = 50
MOST_RESOURCES = 50
MAX_DEPTH = 12

_TYPE = re.compile(r"[\x21\x23-\x5b\x5d-\x7e]{1,200}")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_-]{0,63}")
_LANGUAGE = re.compile(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8}){0,3}")
_FAR = frozenset({"$ref", "$dynamicRef", "$id", "$schema", "$anchor", "$dynamicAnchor"})
"""A schema stands alone: nothing is fetched, nothing refers elsewhere."""


def validator_of(
    name: str, fields: Mapping[str, Any], required: Sequence[str]
) -> Draft202012Validator:
    """Make what holds an object to its type."""
    schema = {
        "type": "object",
        "properties": {TYPE: {"const": name}, **fields},
        "required": [TYPE, *required],
    }
    return Draft202012Validator(_closed(schema), registry=Registry())


def _closed(schema: Any) -> Any:
    """Refuse unlisted fields wherever a schema lists some and says nothing of others."""
    if isinstance(schema, list):
        return [_closed(one) for one in schema]
    if not isinstance(schema, Mapping):
        return schema
    closed = {name: _closed(inner) for name, inner in schema.items()}
    if isinstance(closed.get("properties"), Mapping):
        closed.setdefault("additionalProperties", False)
    return closed


def faults_of(facts: Mapping[str, Any]) -> dict[str, list[str]]:
    """List the faults of a type by field; empty when it can stand."""
    faults: dict[str, list[str]] = {}
    if not _TYPE.fullmatch(facts["type"]):
        faults["type"] = ["Give 1 to 200 visible characters, without quotes."]
    if fault := _fault_of_fields(facts["fields"]):
        faults["fields"] = [fault]
    if not set(facts["required"]) <= set(facts["fields"]):
        faults["required"] = ["Name fields of this type."]
    if not facts["texts"] or not _are_texts(facts["texts"]):
        faults["texts"] = ["Give a sentence by language tag."]
    if len(facts["resources"]) > MOST_RESOURCES or not _are_uris(facts["resources"]):
        faults["resources"] = ["Give identifiers of resources."]
    return faults


def _fault_of_fields(fields: Mapping[str, Any]) -> str | None:
    if len(fields) > MOST_FIELDS:
        return f"At most {MOST_FIELDS}."
    for name, schema in fields.items():
        if not _NAME.fullmatch(name) or name == TYPE:
            return f"{name[:64]!r} cannot be a field."
        if not isinstance(schema, Mapping) or _reaches_out(schema, MAX_DEPTH):
            return f"{name}: give a JSON Schema that refers to nothing else."
        try:
            Draft202012Validator.check_schema(schema)
        except SchemaError:
            return f"{name}: no JSON Schema of 2020-12."
    return None


def _reaches_out(schema: object, depth: int) -> bool:
    if depth < 0:
        return True
    if isinstance(schema, list):
        return any(_reaches_out(one, depth - 1) for one in schema)
    if not isinstance(schema, Mapping):
        return False
    if _FAR & schema.keys():
        return True
    return any(_reaches_out(one, depth - 1) for one in schema.values())


def _are_texts(texts: Mapping[str, Any]) -> bool:
    return all(
        _LANGUAGE.fullmatch(tag)
        and isinstance(text, str)
        and 0 < len(text.strip()) <= MAX_TEXT
        and text.isprintable()
        for tag, text in texts.items()
    )


def _are_uris(resources: Sequence[str]) -> bool:
    try:
        return all(canonical(one) for one in resources)
    except ValueError:
        return False

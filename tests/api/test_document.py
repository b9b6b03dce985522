"""The OpenAPI document: valid, whole, and true of what is served (S0, S4)."""

import re
from typing import Any

import pytest
from flask import Flask
from openapi_spec_validator import validate

from authserver.api import GROUPS


@pytest.fixture
def document(app: Flask) -> dict[str, Any]:
    found: dict[str, Any] = app.test_client().get("/openapi.json").json
    return found


def operations(document: dict[str, Any]) -> list[tuple[str, str, dict[str, Any]]]:
    return [
        (method, path, operation)
        for path, item in document["paths"].items()
        for method, operation in item.items()
        if method in ("get", "post", "put", "patch", "delete")
    ]


def test_it_is_valid_openapi_31(document: dict[str, Any]) -> None:
    assert document["openapi"] == "3.1.0"
    validate(document)


def test_every_route_is_in_it(document: dict[str, Any]) -> None:
    told = {(method.upper(), path) for method, path, _ in operations(document)}
    served = {
        (method, re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", f"/v1{path}"))
        for _, _, routes in GROUPS
        for method, path, _ in routes
    }
    assert told == served


def test_every_operation_says_what_it_is_for(document: dict[str, Any]) -> None:
    """S4: business meaning, permission, edge cases, error codes on every endpoint."""
    poor = []
    for method, path, operation in operations(document):
        has_all = (
            operation["summary"] and "**Who may call:**" in operation["description"]
        )
        refuses = any(code.startswith(("4", "5")) for code in operation["responses"])
        is_open = operation["security"] == []
        if not has_all or not operation["tags"] or not (refuses or is_open):
            poor.append(f"{method} {path}")
    assert poor == []


def test_every_field_of_a_request_has_its_rule(document: dict[str, Any]) -> None:
    """S4: field validation in the document, not in prose beside it."""
    schemas = document["components"]["schemas"]
    without_type = [
        f"{name}.{field}"
        for name, schema in schemas.items()
        if name.endswith("Request")
        for field, rule in schema.get("properties", {}).items()
        if not {"type", "$ref", "allOf", "oneOf", "anyOf"} & set(rule)
    ]
    assert without_type == []


@pytest.mark.parametrize("path", ["/docs", "/api/docs"])
def test_the_reference_is_served_from_here_alone(app: Flask, path: str) -> None:
    """C24: the same page at both addresses, nothing from anybody else."""
    answer = app.test_client().get(path)
    assert answer.status_code == 200
    assert "unsafe-inline" not in answer.headers["Content-Security-Policy"]
    assert re.findall(r'(?:src|href)="(https?:)?//', answer.text) == []

"""Every endpoint as every role: the matrix in docs/permissions.md is true (S4)."""

import re
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from authserver.api import GROUPS
from authserver.api.__main__ import ROLES, granted
from authserver.api.endpoint import ANYONE, LIMITED, SIGNED_IN
from authserver.clock import FrozenClock
from authserver.models import Role
from authserver.services import Services
from tests.support.caller import Caller

REFUSALS = {"AUTH_102", "AUTH_106", "AUTH_212"}
"""Not signed in, permission missing, no good token."""

ENDPOINTS = [
    (method, path, view.contract.who)
    for _, _, routes in GROUPS
    for method, path, view in routes
]


def filled(path: str) -> str:
    """Put something of the right type, that does not exist, into a path."""
    path = re.sub(r"<uuid:\w+>", str(uuid.UUID(int=7)), path)
    path = re.sub(r"<thumbprint:\w+>", "k" * 43, path)
    path = re.sub(r"<int:\w+>", "999999", path)
    return re.sub(r"<\w+>", "nothing", path)


def is_let_in(caller: Caller, method: str, path: str) -> bool:
    """Whether the endpoint looked at the request at all; a body it cannot like."""
    body = None if method == "GET" else {"no such field": True}
    answer = caller.call(method, filled(path), body)
    assert answer.status_code < 500, (method, path, answer.text)
    if answer.status_code in (204, 302, 303) or not answer.is_json:
        return True
    return answer.json.get("code") not in REFUSALS


@pytest.mark.parametrize("role", ROLES)
def test_every_endpoint_as_this_role(enter: Callable[[str], Caller], role: str) -> None:
    caller = enter(role)
    token, held = caller.token, granted()[role]
    wrong = []
    for method, path, who in ENDPOINTS:
        may = who in (ANYONE, LIMITED, SIGNED_IN) or who in held
        caller.token = token
        if is_let_in(caller, method, path) is not may:
            wrong.append(f"{method} {path} as {role}: expected {may}")
    assert wrong == []


def test_every_endpoint_without_a_token(
    app: Flask, clock: FrozenClock, db: Any
) -> None:
    caller = Caller(app, clock)
    wrong = [
        f"{method} {path}"
        for method, path, who in ENDPOINTS
        if who != ANYONE and is_let_in(caller, method, path)
    ]
    assert wrong == []


def test_the_migration_and_the_tables_agree(services: Services, db: Any) -> None:
    for role, permissions in granted().items():
        row = db.session.query(Role).filter_by(name=role).one()
        assert set(row.permissions) == permissions

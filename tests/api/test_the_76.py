"""The 76 endpoints of the seeds exist, and so does their second mount (C28)."""

import re

import pytest
from flask import Flask

from authserver.app import create_app
from authserver.config import load

CANONICAL = """
GET /
POST /auth/signup
POST /auth/signin
POST /auth/refresh
POST /auth/verify-email
POST /auth/verify-email/resend
POST /auth/forgot-password
POST /auth/reset-password
GET /auth/check-availability
POST /auth/magic-link
POST /auth/magic-link/verify
POST /auth/token/introspect
POST /auth/token/revoke
POST /users/me/signout
GET /users/me
PATCH /users/me
PATCH /users/me/password
POST /users/me/email
DELETE /users/me
POST /users/me/consent
GET /users/me/security-logs
GET /users/me/login-history
GET /users/me/sessions
GET /sessions
GET /sessions/:id
POST /sessions/:id/refresh
DELETE /sessions/:id
DELETE /sessions
POST /auth/mfa/setup
POST /auth/mfa/enable
DELETE /auth/mfa/disable
POST /auth/mfa/verify
GET /auth/mfa/backup-codes
POST /auth/mfa/backup-codes
GET /auth/oauth/google
GET /auth/oauth/google/callback
GET /auth/oauth/github
GET /auth/oauth/github/callback
GET /auth/oauth/connections
DELETE /auth/oauth/connections/:provider
GET /admin/users
POST /admin/users
GET /admin/users/:id
PATCH /admin/users/:id
DELETE /admin/users/:id
POST /admin/users/:id/lock
POST /admin/users/:id/unlock
POST /admin/users/:id/resend-verify
POST /admin/users/:id/reset-password
GET /admin/roles
POST /admin/roles
GET /admin/roles/:id
PUT /admin/roles/:id
DELETE /admin/roles/:id
POST /admin/users/:id/roles
DELETE /admin/users/:id/roles/:id
GET /admin/stats
GET /admin/logs/login
GET /admin/logs/security
GET /admin/maintenance/status
POST /admin/maintenance/cleanup
POST /admin/sessions/revoke-all
"""

ALIASES = """
POST /auth/register
POST /auth/login
POST /auth/logout
GET /auth/me
POST /auth/introspect
POST /auth/2fa/setup
POST /auth/2fa/enable
POST /auth/2fa/disable
POST /reset-password/request
POST /reset-password/confirm
POST /verification-token/request
POST /verification-token/verify
POST /auth/password/forgot
POST /auth/password/reset
"""

THE_76 = [tuple(line.split()) for line in (CANONICAL + ALIASES).split("\n") if line]


def plain(rule: str) -> str:
    return re.sub(r"<[^>]+>|:\w+", "*", rule)


def served(app: Flask, prefix: str) -> set[tuple[str, str]]:
    return {
        (method, plain(rule.rule.removeprefix(prefix)))
        for rule in app.url_map.iter_rules()
        for method in rule.methods or ()
        if rule.rule.startswith(f"{prefix}/")
    }


def test_there_are_76() -> None:
    assert (len(CANONICAL.split()) // 2, len(ALIASES.split()) // 2) == (62, 14)
    assert len(set(THE_76)) == 76


@pytest.mark.parametrize(("method", "path"), THE_76)
def test_it_is_served(app: Flask, method: str, path: str) -> None:
    patterns = {(m, p) for m, p in served(app, "/v1")}
    wanted = plain(path)
    if "/oauth/" in path:
        # A provider may stand in the path as any other part of it.
        general = re.sub(r"/(google|github)\b", "/*", wanted)
        assert {(method, wanted), (method, general)} & patterns
    else:
        assert (method, wanted) in patterns


def test_older_front_ends_find_them_without_a_prefix(
    environment: dict[str, str],
) -> None:
    """C28: the same views at the root, where the pages keep what is theirs."""
    both = create_app(load(environment | {"API_PREFIXES": "/v1,/"}))
    at_root = served(both, "")
    missing = [
        (method, path)
        for method, path in THE_76
        if path != "/"
        and "/oauth/" not in path
        and (method, plain(path)) not in at_root
    ]
    assert missing == []
    answer = both.test_client().get("/users/me")
    assert (answer.status_code, answer.json["code"]) == (401, "AUTH_102")
    assert both.test_client().get("/").status_code == 303

"""The JSON face: every address under /v1, and who answers each.

One table for each group of endpoints: (method, path, view).  A path in ``EMPTY`` answers
204 without a body, as the older service did (C3).
"""

from collections.abc import Callable, Iterable
from typing import Any

from flask import Flask, Response

from authserver.api import (
    auth,
    connections,
    envelope,
    me,
    mfa,
    openapi,
    passkeys,
    privacy,
    recovery,
    reference,
    root,
    sessions,
    tokens,
)
from authserver.api.admin import (
    brand,
    client_setup,
    clients,
    detail_types,
    flows,
    initial_tokens,
    keys,
    logs,
    mail,
    outbox,
    resources,
    roles,
    streams,
    system,
    together,
    users,
)
from authserver.api.admin import sessions as all_sessions
from authserver.api.endpoint import mount
from authserver.api.reading import Group
from authserver.errors import AuthError

PATHS = ("/v1", "/openapi.json", "/docs", "/api/docs")
Route = tuple[str, str, Callable[..., Any]]

EMPTY = frozenset({"/auth/logout", "/auth/password/forgot", "/auth/password/reset"})

GROUPS: tuple[tuple[str, str, Iterable[Route]], ...] = (
    ("Service", "What this is.", root.ROUTES),
    ("Auth", "Sign up, verify, sign in, stay signed in, sign out.", auth.ROUTES),
    ("Recovery", "A forgotten password.", recovery.ROUTES),
    ("Tokens", "What is done with tokens that one holds.", tokens.ROUTES),
    ("Me", "One's own account.", me.ROUTES),
    ("Sessions", "Where one is signed in.", sessions.ROUTES),
    ("MFA", "The second factor.", mfa.ROUTES),
    ("Passkeys", "Sign in without a password.", passkeys.ROUTES),
    ("Other services", "Sign in with what one is elsewhere.", connections.ROUTES),
    ("Privacy", "What is known of one, and who was told.", privacy.ROUTES),
    ("Admin: people", "Find, add, change, lock, delete.", users.ROUTES),
    ("Admin: many", "One thing done to many people, or to nobody.", together.ROUTES),
    ("Admin: sessions", "Everybody's sessions.", all_sessions.ROUTES),
    ("Admin: roles", "Roles, permissions, institutions.", roles.ROUTES),
    ("Admin: apps", "OAuth clients and their secrets.", clients.ROUTES),
    ("Admin: streams", "Apps that are told of events.", streams.ROUTES),
    ("Admin: set-up", "What an app needs to begin.", client_setup.ROUTES),
    (
        "Admin: initial tokens",
        "Let somebody register apps.",
        initial_tokens.ROUTES,
    ),
    ("Admin: APIs", "What tokens are for, and its scopes.", resources.ROUTES),
    ("Admin: detail types", "Authorization details.", detail_types.ROUTES),
    ("Admin: keys", "What tokens are signed with.", keys.ROUTES),
    ("Admin: system", "Figures, state, clean-up, everybody out.", system.ROUTES),
    ("Admin: mail", "What letters look like, and whether they arrive.", mail.ROUTES),
    ("Admin: outbox", "Letters that wait or were given up.", outbox.ROUTES),
    ("Admin: brand", "What people see of this deployment.", brand.ROUTES),
    ("Admin: logs", "Sign-ins and security events.", logs.ROUTES),
    ("Admin: flows", "What apps asked, and why they were refused.", flows.ROUTES),
)
"""(tag, what it is about, routes): the order of the documentation."""


def render_error(error: AuthError) -> Response:
    """Answer a refusal in the envelope."""
    return envelope.render_error(error)


def init_app(app: Flask) -> None:
    """Add the endpoints under every prefix that the operator chose (C28)."""
    reference.init_app(app)
    api = openapi.create(app)
    for prefix in app.extensions["services"].settings.api_prefixes:
        for tag, about, routes in GROUPS:
            group = Group(tag, about, url_prefix=prefix.rstrip("/"))
            for method, path, view in routes:
                if prefix != "/" or path != "/":
                    mount(group, method, path, view, empty=path in EMPTY)
            api.register_group(group)

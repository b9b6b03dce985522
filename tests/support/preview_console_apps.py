"""Samples of the console's room for apps."""

from collections.abc import Callable, Iterator
from typing import Any

from tests.support.preview_kit import Sample, form

Words = Callable[..., str]
Shell = Callable[..., dict[str, Any]]

KINDS = [
    ("web", "Web app with a server", "Its server keeps a secret or a key."),
    ("spa", "Web app in the browser alone", "It has no secret."),
    (
        "mcp",
        "MCP client",
        "It calls the tools of an MCP server in the name of a person.",
    ),
]

LINKS = ("setup", "edit", "rotate", "fetch", "stream", "deliveries", "enable", "delete")


def grade(family: str, mark: str, mood: str, **more: Any) -> dict[str, Any]:
    """Give how an app does by a family of specifications."""
    words = {"A": "Every rule holds", "B": "No rule is broken", "C": "A rule is broken"}
    plain = {"words": words[mark], "obstacles": [], "profile": None}
    return {"family": family, "mark": mark, "mood": mood, **plain, **more}


def apps(_: Words, shell: Shell) -> Iterator[Sample]:
    """The list, one app, what it was told, its form, its secret."""
    one = {
        "name": "Notes",
        "client_id": "4bf92f3577b34da6a3ce929d0e0e4736",
        "url": "/console/clients/1",
        "kind": _("Web app with a server"),
        "profile": "OAuth 2.1",
        "by": _("An operator"),
        "is_disabled": False,
        "since": "20 Nov 2026 11:00",
    }
    odd = one | {
        "name": "<b>" + "W" * 300,
        "client_id": "https://app.example/" + "a" * 300,
        "is_disabled": True,
    }
    yield Sample(
        "console-clients",
        "console/clients.html",
        shell("clients", _("Apps"), clients=[one, odd], links={"new": "/n"}),
    )
    yield Sample(
        "console-clients-none",
        "console/clients.html",
        shell("clients", _("Apps"), clients=[], links={"new": "/n"}),
    )
    yield from client(_, shell)
    yield from forms(_, shell)


def client(_: Words, shell: Shell) -> Iterator[Sample]:
    """One app, its sign-outs, its secret."""
    above = (_("Apps"), "/console/clients"), ("Notes", "/console/clients/1")
    move = {
        "title": "OpenID Connect",
        "is_current": True,
        "fits": True,
        "faults": [],
        "seen": [],
        "changes": [],
    }
    hard = move | {
        "title": "FAPI 2.0",
        "is_current": False,
        "fits": False,
        "faults": [("token_endpoint_auth_method", "fapi2 takes private_key_jwt.")],
        "seen": ["3 of 4 codes were asked for without pushing."],
        "changes": ["Authorization requests are pushed: yes (now no)"],
    }
    facts = {
        "shown": {
            "client_id": "4bf92f3577b34da6a3ce929d0e0e4736",
            "kind": _("Web app with a server"),
            "profile": "OpenID Connect",
            "by": _("An operator"),
            "skips_consent": False,
            "is_disabled": True,
            "since": "20 Nov 2026 11:00",
            "changed": "20 Nov 2026 12:00",
        },
        "use": {"people": 12, "grants": 50_000, "last": None, "is_more": True},
        "members": [
            ("client_name", "Notes"),
            ("jwks", '{"keys": [{"kty": "RSA", "n": "' + "W" * 342 + '"}]}'),
            ("redirect_uris", '["https://app.example/back"]'),
        ],
        "moves": [move, hard],
        "grades": [
            grade("OAuth 2.1 and RFC 9700", "B", "warn", profile="OAuth 2.1"),
            grade("FAPI 2.0", "C", "bad", obstacles=hard["seen"]),
            grade("MCP authorization", "A", "good"),
        ],
        "links": {name: f"/{name}" for name in LINKS},
    }
    yield Sample(
        "console-client",
        "console/client.html",
        shell("clients", "Notes", above[0], **facts),
    )
    sent = {
        "when": "20 Nov 2026 11:00",
        "state": {"words": _("Delivered"), "mood": "good"},
        "attempts": 1,
        "delivered": "20 Nov 2026 11:00",
        "again": None,
        "error": None,
    }
    failed = sent | {
        "state": {"words": _("Given up"), "mood": "bad"},
        "delivered": None,
        "error": "answered 500 " * 20,
    }
    for name, rows in (("", [sent, failed]), ("-none", [])):
        yield Sample(
            f"console-client-deliveries{name}",
            "console/client_deliveries.html",
            shell(
                "clients",
                _("Sign-outs it was told of"),
                *above,
                deliveries=rows,
                pages={"first": "/f", "next": "/n"},
            ),
        )
    yield Sample(
        "console-client-secret",
        "console/client_secret.html",
        shell(
            "clients",
            _("The secret of the app"),
            *above,
            client_id="4bf92f3577b34da6a3ce929d0e0e4736",
            secret="x" * 43,
            links={"on": "/on"},
        ),
    )


def forms(_: Words, shell: Shell) -> Iterator[Sample]:
    """A new app, one with faults, one that is changed."""
    above = (_("Apps"), "/console/clients")
    facts = {
        "kinds": KINDS,
        "profiles": [("oidc", "OpenID Connect"), ("oauth21", "OAuth 2.1")],
        "links": {"back": "/b"},
    }
    new = form({"kind": "web", "profile": "oauth21", "scope": "openid"})
    wrong = form(
        {"kind": "web", "jwks": "{"},
        {
            "kind": _("Choose one of the list."),
            "jwks": _("Paste the public keys as a JWKS."),
            "skip_consent": _("Choose one of the list."),
        },
        "token_endpoint_auth_method: fapi2 takes private_key_jwt.",
    )
    for name, shown in (("", new), ("-wrong", wrong)):
        yield Sample(
            f"console-client-new{name}",
            "console/client_edit.html",
            shell(
                "clients",
                _("Register an app"),
                above,
                form=shown,
                is_new=True,
                **facts,
            ),
        )
    known = form({"client_name": "Notes", "profile": "oidc", "skip_consent": True})
    yield Sample(
        "console-client-edit",
        "console/client_edit.html",
        shell(
            "clients",
            _("Change the app"),
            above,
            ("Notes", "/console/clients/1"),
            form=known,
            is_new=False,
            **facts,
        ),
    )

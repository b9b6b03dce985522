"""Samples of the console's further rooms: roles, institutions, sessions, logs."""

from collections.abc import Callable, Iterator
from typing import Any

from tests.support.preview_kit import Sample, form

Words = Callable[..., str]
Shell = Callable[..., dict[str, Any]]


def rest(_: Words, shell: Shell) -> Iterator[Sample]:
    """What stands after people in the navigation."""
    yield from roles(_, shell)
    yield from institutions(_, shell)
    yield from sessions(_, shell)
    yield from logs(_, shell)
    yield from flows(_, shell)


def roles(_: Words, shell: Shell) -> Iterator[Sample]:
    """The matrix, one role, its form."""
    names = ("admin", "editor", "super_admin", "user")
    matrix = [
        {"name": name, "meaning": meaning, "held": held}
        for name, meaning, held in (
            ("users:read", _("Find people and see their details"), [1, 1, 1, 0]),
            ("roles:create", _("Add roles"), [0, 0, 1, 0]),
            ("profile:read", _("See one's own account"), [1, 1, 1, 1]),
        )
    ]
    yield Sample(
        "console-roles",
        "console/roles.html",
        shell(
            "roles",
            _("Roles"),
            roles=[{"name": one, "url": "/r", "is_system": True} for one in names],
            matrix=matrix,
            links={"new": "/n"},
        ),
    )
    above = (_("Roles"), "/console/roles"), ("editor", "/console/roles/2")
    facts = {
        "role": {"name": "editor", "description": "Reads", "is_system_role": True},
        "permissions": [("users:read", _("Find people and see their details"))],
        "links": {"edit": "/e", "delete": "/d", "holders": "/h"},
    }
    yield Sample(
        "console-role",
        "console/role.html",
        shell("roles", "editor", above[0], **facts),
    )
    asked = {
        "form": form({"name": "editor"}, {"reason": "Say why."}),
        "is_new": False,
        "is_system": False,
        "permissions": matrix,
        "links": {"back": "/b"},
    }
    yield Sample(
        "console-role-edit",
        "console/role_edit.html",
        shell("roles", _("Change the role"), *above, **asked),
    )
    system = asked | {"is_system": True, "form": form({"name": "user"})}
    yield Sample(
        "console-role-system",
        "console/role_edit.html",
        shell("roles", _("Change the role"), *above, **system),
    )


def institutions(_: Words, shell: Shell) -> Iterator[Sample]:
    """The list, and the form."""
    one = {"since": "x", "edit_url": "/e", "delete_url": "/d", "people_url": "/p"}
    found = [one | {"code": "i1", "name": "First"}, {"code": "i2", "name": "S" * 300}]
    yield Sample(
        "console-institutions",
        "console/institutions.html",
        shell(
            "institutions",
            _("Institutions"),
            institutions=found,
            links={"new": "/n"},
        ),
    )
    yield Sample(
        "console-institutions-none",
        "console/institutions.html",
        shell("institutions", _("Institutions"), institutions=[], links={"new": "/n"}),
    )
    yield Sample(
        "console-institution-edit",
        "console/institution_edit.html",
        shell(
            "institutions",
            _("Add an institution"),
            (_("Institutions"), "/console/institutions"),
            form=form(),
            is_new=True,
            links={"back": "/b"},
        ),
    )


def sessions(_: Words, shell: Shell) -> Iterator[Sample]:
    """Everybody's."""
    one = {
        "owner": "Ada Lovelace",
        "owner_url": "/u",
        "device": "Firefox, Linux",
        "place": "Recife, Brazil",
        "ip": "2001:db8:85a3::8a2e:370:7334",
        "amr": "pwd, otp",
        "since": "20 Nov 2026 11:00",
        "seen": "20 Nov 2026 12:00",
        "apps": [],
        "is_current": True,
        "is_over": False,
        "end_url": "/e",
    }
    over = one | {"is_over": True, "is_current": False, "end_url": None}
    facts = {
        "form": form(),
        "sessions": [one, over],
        "pages": {"first": "/f", "next": "/n"},
        "is_narrowed": True,
        "kinds": [("browser", _("Browser")), ("api", "API")],
        "links": {"self": "/console/sessions", "end_all": "/a"},
    }
    wrong = facts | {"sessions": [], "form": form({"ip": "x"}, {"ip": "Write one."})}
    for name, shown in (("", facts), ("-wrong", wrong)):
        yield Sample(
            f"console-sessions{name}",
            "console/sessions.html",
            shell("sessions", _("Sessions"), **shown),
        )


def logs(_: Words, shell: Shell) -> Iterator[Sample]:
    """Both logs, and the check of the chain."""
    links = {
        name: f"/{name}" for name in "self csv ndjson sign_ins events verify".split()
    }
    facts = {"form": form(), "pages": {"next": "/n"}, "is_narrowed": False}
    ada = {"name": "ada@example.org", "url": "/u"}
    try_ = {
        "when": "20 Nov 2026 12:00",
        "who": ada,
        "typed": "ada",
        "result": {"words": _("Refused"), "mood": "warn"},
        "why": "bad_credentials",
        "method": "password",
        "ip": "203.0.113.7",
        "place": "Recife, Brazil",
        "agent": "Mozilla/5.0 " * 20,
        "trace": "4bf92f3577b34da6a3ce929d0e0e4736",
    }
    nobody = try_ | {"who": None, "typed": "<script>alert(1)</script>"}
    yield Sample(
        "console-sign-ins",
        "console/sign_ins.html",
        shell("logs", _("Sign-ins"), lines=[try_, nobody], links=links, **facts),
    )
    event = {
        "when": "20 Nov 2026 12:00",
        "event": "user:account:locked",
        "who": ada,
        "by": {"name": "root@example.org", "url": None},
        "reason": "asked by legal",
        "ip": "203.0.113.7",
        "trace": "4bf92f3577b34da6a3ce929d0e0e4736",
        "facts": '{"count": 2}',
        "is_sealed": True,
    }
    yield Sample(
        "console-events",
        "console/events.html",
        shell("logs", _("Security log"), lines=[event], links=links, **facts),
    )
    yield Sample(
        "console-events-none",
        "console/events.html",
        shell("logs", _("Security log"), lines=[], links=links, **facts),
    )
    fault = {"what": "was changed, moved, or put in", "position": 7, "id": 9}
    verdicts = {
        "": None,
        "-good": {"fault": None, "checked": 900, "waiting": 2},
        "-bad": {"fault": fault, "checked": 6, "waiting": 0},
    }
    for name, verdict in verdicts.items():
        yield Sample(
            f"console-chain{name}",
            "console/chain.html",
            shell(
                "logs",
                _("Check the chain"),
                (_("Logs"), "/l"),
                verdict=verdict,
                known="900:abcdef",
                links={"back": "/b"},
            ),
        )


def flows(_: Words, shell: Shell) -> Iterator[Sample]:
    """The last requests, one that was refused, one that is not kept."""
    refused = {"words": _("Refused"), "mood": "bad"}
    one = {
        "when": "20 Nov 2026 12:00",
        "app": "Notes",
        "where": "/authorize",
        "error": "invalid_request",
        "parameter": "redirect_uri",
        "state": refused,
        "url": "/console/flows/1",
    }
    waits = one | {"error": None, "parameter": None, "app": "W" * 200, "url": None}
    waits["state"] = {"words": _("The app asked"), "mood": ""}
    facts = {"form": form(), "flows": [one, waits], "pages": {"next": "/n"}}
    facts |= {"is_narrowed": True, "links": {"self": "/console/flows"}}
    for name, more in (("", {}), ("-none", {"flows": [], "pages": {}})):
        yield Sample(
            f"console-flows{name}",
            "console/flows.html",
            shell("flows", _("Flow inspector"), **(facts | more)),
        )
    yield Sample("console-flow", "console/flow.html", _one_flow(_, shell))
    nothing = {"asker": None, "asked": [], "refusals": [], "steps": [], "links": {}}
    above = (_("Flow inspector"), "/console/flows")
    yield Sample(
        "console-flow-none",
        "console/flow.html",
        shell("flows", _("One flow"), above, trace="0" * 32, **nothing),
    )


def _one_flow(_: Words, shell: Shell) -> dict[str, Any]:
    trace = "4bf92f3577b34da6a3ce929d0e0e4736"
    finding = {
        "endpoint": "/authorize",
        "error": "invalid_request",
        "status": 400,
        "description": "The app asked for a return address that is not registered.",
        "detail": "redirect_uri is not registered",
        "parameter": "redirect_uri",
        "section": "RFC 6749 §3.1.2.3",
        "section_url": "https://www.rfc-editor.org/rfc/rfc6749#section-3.1.2.3",
        "advice": [
            "Nearest registered: https://notes.example/callback. It differs in the path."
        ],
    }
    step = {"at": "20 Nov 2026 12:00", "clock": "12:00:03", "trace": trace}
    steps = [
        step | {"words": _("The app asked"), "mood": "", "is_here": False},
        step
        | {
            "words": _("The person allowed it"),
            "mood": "good",
            "scope": "openid email",
        },
        step
        | {"words": _("Security log"), "mood": "", "event": "consent:client:granted"},
        step | {"words": _("Refused"), "mood": "bad", "is_here": True} | finding,
    ]
    return shell(
        "flows",
        _("One flow"),
        (_("Flow inspector"), "/console/flows"),
        trace=trace,
        asker={"name": "Notes", "client_id": "notes", "url": "/console/clients/1"},
        asked=[
            ("client_id", "notes", None),
            ("login_hint", None, None),
            ("redirect_uri", "https://notes.example/call-back?" + "a=…&" * 30, None),
            ("scope", "openid email", None),
            ("state", None, 43),
        ],
        refusals=[finding],
        steps=steps,
        links={"events": "/console/logs/security"},
    )

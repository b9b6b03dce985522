"""Samples of the console's screens: figures, people, what is asked before a deed."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from authserver.console import charts
from tests.support.preview_console_apps import apps
from tests.support.preview_console_brand import brand
from tests.support.preview_console_resources import resources
from tests.support.preview_console_rest import rest
from tests.support.preview_console_server import server
from tests.support.preview_console_setup import setup
from tests.support.preview_console_streams import streams
from tests.support.preview_kit import ALONE, Sample, form

Words = Callable[..., str]
LONG = "Ada " + "Lovelace" * 400
"""A name that no page may be broken by."""


@dataclass(frozen=True)
class Asked:
    """A question as a screen asks it."""

    title: str
    words: str
    submit: str
    of: list[str] = field(default_factory=list)
    wants_reason: bool = True
    typed: str | None = None
    is_dangerous: bool = True


def shell(here: str, heading: str, *above: tuple[str, str], **facts: Any) -> Any:
    """What every screen is rendered with, then its own."""
    rooms = (
        "overview",
        "users",
        "roles",
        "institutions",
        "clients",
        "sessions",
        "logs",
        "keys",
        "outbox",
        "mail",
        "system",
    )
    return {
        **ALONE,
        "heading": heading,
        "operator": {"email": "root@example.org", "name": "Root"},
        "may": lambda _permission: True,
        "navigation": [
            {
                "name": room,
                "title": room.capitalize(),
                "url": f"/console/{room}",
                "is_here": room == here,
            }
            for room in rooms
        ],
        "crumbs": list(above),
        "twin": "GET /v1/admin/users/{user_id}",
        **facts,
    }


def console(_: Words) -> Iterator[Sample]:
    """Every screen."""
    yield from home(_)
    yield from people(_)
    yield from rest(_, shell)
    yield from brand(_, shell)
    yield from setup(_, shell)
    yield from streams(_, shell)
    yield from resources(_, shell)
    yield from apps(_, shell)
    yield from server(_, shell)


def home(_: Words) -> Iterator[Sample]:
    """Figures."""
    days = [f"2026-11-{day:02d}" for day in range(1, 31)]
    some = [day * 37 % 90 for day in range(30)]
    drawn = [
        {
            "title": _("Sign-ins"),
            "names": [_("Let in"), _("Refused")],
            "chart": charts.draw(days, some, some[::-1]),
        },
        {
            "title": _("New accounts"),
            "names": [_("Accounts")],
            "chart": charts.draw(days, [0] * 30),
        },
    ]
    facts = {
        "figures": [(_("People"), 1_000_000), (_("Apps"), 12)],
        "charts": drawn,
        "at": "20 Nov 2026 12:04",
        "concerns": [
            {"words": "2 letters were given up.", "is_bad": True, "url": "/o"},
            {"words": "Apps that could be stricter: 3.", "is_advice": True},
            {"words": "A key has signed for 400 days. Rotate it.", "is_bad": False},
        ],
    }
    yield Sample(
        "console-home", "console/home.html", shell("overview", _("Overview"), **facts)
    )
    yield Sample(
        "console-home-well",
        "console/home.html",
        shell("overview", _("Overview"), **(facts | {"concerns": []})),
    )


ACTIVE = {"words": "Active", "mood": "good"}
LOCKED = {"words": "Locked", "mood": "bad"}


def people(_: Words) -> Iterator[Sample]:
    """The list, one of them, and what is done to one."""
    row = {
        "status": ACTIVE,
        "roles": ["user"],
        "institutions": ["default"],
        "created_at": "1 Nov 2026 09:12",
        "last_login_at": None,
        "url": "/console/users/1",
    }
    found = [
        row | {"id": "1", "name": "Ada Lovelace", "email": "ada@example.org"},
        row | {"id": "2", "name": None, "email": "x@example.org", "status": LOCKED},
        row | {"id": "3", "name": LONG, "email": "long@example.org"},
        row | {"id": "4", "name": "<script>alert(1)</script>", "email": "s@x.org"},
    ]
    listed = {
        "form": form(),
        "people": found,
        "pages": {"first": None, "next": "/console/users?cursor=x"},
        "is_narrowed": False,
        "statuses": [("active", "Active"), ("locked", "Locked")],
        "roles": [("user", "user"), ("admin", "admin")],
        "institutions": [("default", "Default")],
        "together": [
            {"deed": "lock", "words": _("Lock"), "url": "/l"},
            {"deed": "delete", "words": _("Delete"), "url": "/d"},
        ],
        "links": {"self": "/console/users", "new": "/console/users/new"},
    }
    yield Sample(
        "console-users", "console/users.html", shell("users", _("People"), **listed)
    )
    nobody = listed | {"people": [], "is_narrowed": True, "pages": {}}
    yield Sample(
        "console-users-none",
        "console/users.html",
        shell("users", _("People"), **nobody),
    )
    yield from one_person(_)
    yield from asked(_)


def one_person(_: Words) -> Iterator[Sample]:
    """One page of one person."""
    session = {
        "id": "1",
        "device": "Firefox, Linux",
        "kind": "browser",
        "place": "Recife, Brazil",
        "ip": "203.0.113.7",
        "amr": "pwd, otp",
        "since": "20 Nov 2026 11:00",
        "seen": "20 Nov 2026 12:00",
        "apps": ["Harbour Notes"],
        "is_current": True,
        "end_url": "/e",
    }
    links = dict.fromkeys(
        "edit lock unlock verify reset sign_out delete give_role join".split(), "/x"
    )
    facts = {
        "person": {"email": "ada@example.org", "id": "1", "is_self": True},
        "state": ACTIVE,
        "facts": [(_("Email address"), "ada@example.org"), (_("Username"), "ada")],
        "ways": [
            {"name": _("Password"), "since": "1 Nov 2026"},
            {"name": _("Passkey"), "note": "Phone", "since": "x", "used": "y"},
        ],
        "roles": [
            {"name": "admin", "since": "x", "until": "y", "take_url": "/t"},
            {"name": "user", "since": "x", "until": None, "take_url": None},
        ],
        "institutions": [{"code": "i1", "name": "First", "leave_url": "/l"}],
        "sessions": [session],
        "apps": [
            {
                "name": "Harbour Notes",
                "scopes": ["openid", "email"],
                "since": "x",
                "used": "y",
                "is_active": True,
            }
        ],
        "happenings": [
            {"what": "signin", "method": "password", "when": "x", "ip": "::1"},
            {"what": "signin-refused", "when": "x", "ip": "::1", "is_bad": True},
        ],
        "done": _("The changes are saved."),
        "links": links,
    }
    above = (_("People"), "/console/users")
    yield Sample(
        "console-user",
        "console/user.html",
        shell("users", "Ada Lovelace", above, **facts),
    )
    bare = facts | {
        "ways": [],
        "roles": [],
        "institutions": None,
        "sessions": None,
        "apps": [],
        "happenings": None,
        "links": {},
        "done": None,
    }
    yield Sample(
        "console-user-bare", "console/user.html", shell("users", LONG, above, **bare)
    )


def asked(_: Words) -> Iterator[Sample]:
    """Forms, and what is asked before a deed."""
    above = (_("People"), "/console/users"), ("Ada Lovelace", "/console/users/1")
    statuses = [("active", "Active"), ("locked", "Locked")]
    links = {"links": {"back": "/b"}}
    new = {"form": form(), "is_new": True, "statuses": statuses} | links
    yield Sample(
        "console-user-new",
        "console/user_edit.html",
        shell("users", _("Add a person"), above[0], **new),
    )
    wrong = form(
        {"full_name": "Ada", "language": "tlh", "version": "1"},
        {"full_name": "Use at most 200 characters."},
    )
    edit = new | {"form": wrong, "is_new": False, "email": "ada@example.org"}
    yield Sample(
        "console-user-edit",
        "console/user_edit.html",
        shell("users", _("Change details"), *above, **edit),
    )
    who = {"who": "Ada Lovelace (ada@example.org)", "form": form()} | links
    yield Sample(
        "console-user-role",
        "console/user_role.html",
        shell("users", _("Give a role"), *above, roles=[("1", "editor")], **who),
    )
    yield Sample(
        "console-user-institution",
        "console/user_institution.html",
        shell("users", "Institution", *above, institutions=[("1", "First")], **who),
    )
    question = Asked(
        title=_("Delete the account"),
        words="They are signed out and cannot sign in.",
        submit=_("Delete the account"),
        of=["Ada Lovelace (ada@example.org)", LONG],
        typed="ada@example.org",
    )
    faulty = form(
        {"reason": "", "typed": "ada"},
        {"reason": "Say why. It goes into the security log.", "typed": "Type it."},
    )
    for name, shown in (("", form()), ("-wrong", faulty)):
        yield Sample(
            f"console-confirm{name}",
            "console/confirm.html",
            shell("users", question.title, *above, question=question, form=shown)
            | links,
        )

"""Samples of the console's room of APIs, and of types of authorization details."""

from collections.abc import Callable, Iterator
from typing import Any

from tests.support.preview_console_brand import OWN
from tests.support.preview_kit import Sample, form

Words = Callable[..., str]
Shell = Callable[..., dict[str, Any]]
API = "https://notes.example.org"


def resources(_: Words, shell: Shell) -> Iterator[Sample]:
    """The list, one, its form; and types in the same way."""
    one = {
        "name": "Notes",
        "identifier": API,
        "url": "/console/resources/1",
        "scopes": ["notes:read", "notes:write"],
        "is_open": True,
    }
    odd = one | {"name": "N" * 200, "identifier": API + "/" + "a" * 300}
    links = {"new": "/n", "types": "/t"}
    for name, found in (("", [one, odd]), ("-none", [])):
        yield Sample(
            f"console-resources{name}",
            "console/resources.html",
            shell("resources", _("APIs"), resources=found, links=links),
        )
    above = (_("APIs"), "/console/resources"), ("Notes", "/console/resources/1")
    shown = {
        "identifier": API,
        "token_ttl": 300,
        "signing_alg": None,
        "token_typ": None,
        "introspection_clients": ["notes-api"],
        "is_open": False,
    }
    yield Sample(
        "console-resource",
        "console/resource.html",
        shell(
            "resources",
            "Notes",
            above[0],
            shown=shown,
            names=[("pt-BR", "Notas")],
            scopes=[
                ("notes:read", [("en", "Read your notes"), ("ar", "قراءة ملاحظاتك")]),
                ("notes:write", []),
            ],
            changed="20 Nov 2026 12:00",
            links={"edit": "/e", "delete": "/d"},
        ),
    )
    typed = {"scope-0": "notes:read", "scope-0-en": "Read your notes", "is_open": "1"}
    yield Sample(
        "console-resource-edit",
        "console/resource_edit.html",
        shell(
            "resources",
            _("Register an API"),
            above[0],
            form=form(typed, {"scopes": "openid belongs to this server."}),
            is_new=True,
            places=range(2),
            languages_known=OWN,
            algorithms=[("", _("the usual one")), ("ES256", "ES256")],
            types=[("", _("the usual one")), ("JWT", "JWT")],
            links={"back": "/b"},
        ),
    )
    yield from types(_, shell)


def types(_: Words, shell: Shell) -> Iterator[Sample]:
    """The list and the form."""
    above = (_("APIs"), "/console/resources")
    title = _("Types of authorization details")
    one = {
        "type": "payment_initiation",
        "text": "Pay {amount} to {payee}",
        "resources": [API],
        "is_remembered": False,
        "edit_url": "/e",
        "delete_url": "/d",
    }
    for name, found in (("", [one]), ("-none", [])):
        yield Sample(
            f"console-detail-types{name}",
            "console/detail_types.html",
            shell("resources", title, above, types=found, links={"new": "/n"}),
        )
    yield Sample(
        "console-detail-type-edit",
        "console/detail_type_edit.html",
        shell(
            "resources",
            _("Change the type"),
            above,
            (title, "/console/detail-types"),
            form=form(
                {"type": "payment", "fields": "{", "is_remembered": "1"},
                {"fields": "Write the fields as JSON."},
            ),
            is_new=False,
            languages_known=OWN,
            links={"back": "/b"},
        ),
    )

"""Administration of resources: the APIs that tokens are for (RFC 8707)."""

from collections.abc import Callable
from typing import Any

import pytest

from authserver.models import SecurityEvent
from authserver.services import Services
from tests.support.caller import Caller

Enter = Callable[..., Caller]
NOTES = {
    "identifier": "https://notes.example",
    "name": "Notes",
    "names": {"pt-BR": "Notas"},
    "scopes": {"notes:read": {"en": "Read your notes"}, "notes:write": {}},
    "token_ttl": 300,
    "introspection_clients": ["notes-api"],
}


@pytest.fixture
def root(enter: Enter, services: Services) -> Caller:
    services.resources.forget()
    return enter("super_admin", "root")


def test_an_api_is_registered_shown_changed_and_deleted(
    root: Caller, services: Services, db: Any
) -> None:
    made = root.post("/admin/resources", NOTES)
    assert made.status_code == 201
    row = made.json["data"]
    assert {name: row[name] for name in NOTES} == NOTES
    assert (row["signing_alg"], row["is_open"]) == (None, False)
    assert services.resources.catalogue().owner("notes:write") == row["identifier"]
    path = f"/admin/resources/{row['id']}"
    tag = root.get(path).headers["ETag"]
    changed = NOTES | {"name": "Notebook", "is_open": True}
    assert root.put(path, changed, if_match=tag).json["data"]["name"] == "Notebook"
    late = root.put(path, NOTES, if_match=tag)
    assert (late.status_code, late.json["code"]) == (412, "AUTH_005")
    assert services.resources.catalogue().apis[row["identifier"]].is_open
    assert [one["id"] for one in root.get("/admin/resources").json["data"]] == [
        row["id"]
    ]
    assert root.delete(path).status_code == 200
    assert root.get(path).status_code == 404
    assert services.resources.catalogue().apis == {}
    events = [
        e.event for e in db.session.query(SecurityEvent).order_by(SecurityEvent.id)
    ]
    for verb in ("created", "changed", "deleted"):
        assert f"resource:self:{verb}" in events


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("identifier", "notes"),
        ("identifier", "https://notes.example/#part"),
        ("name", "   "),
        ("names", {"not a language!": "Notes"}),
        ("names", {"en": ""}),
        ("names", {"en": "N" * 201}),
        ("scopes", {"openid": {}}),
        ("scopes", {"a b": {}}),
        ("scopes", {'"': {}}),
        ("scopes", {"notes:read": {"en": "line\nbreak"}}),
        ("scopes", {f"scope{number}": {} for number in range(201)}),
        ("token_ttl", 29),
        ("token_ttl", 86_401),
        ("token_ttl", True),
        ("signing_alg", "none"),
        ("token_typ", "jwt"),
        ("signing_alg", "ES512"),
        ("introspection_clients", ["x"] * 201),
    ],
)
def test_what_does_not_fit_is_told_by_field(
    root: Caller, field: str, value: Any
) -> None:
    answer = root.post("/admin/resources", NOTES | {field: value})
    assert answer.status_code == 422, answer.text
    assert [one["field"].split(".")[0] for one in answer.json["errors"]] == [field]


def test_identifiers_and_scopes_belong_to_one(root: Caller, services: Services) -> None:
    assert root.post("/admin/resources", NOTES).status_code == 201
    other = NOTES | {"identifier": "https://files.example", "scopes": {"files": {}}}
    for taken in (
        NOTES | {"scopes": {}},
        NOTES | {"identifier": "https://NOTES.example/", "scopes": {}},
        other | {"scopes": {"notes:read": {}}},
        other | {"identifier": services.settings.issuer},
    ):
        assert root.post("/admin/resources", taken).status_code == 409
    made = root.post("/admin/resources", other).json["data"]
    path = f"/admin/resources/{made['id']}"
    assert root.put(path, other | {"scopes": NOTES["scopes"]}).status_code == 409
    moved = root.put(path, other | {"identifier": "https://moved.example"})
    assert moved.status_code == 422


def test_an_app_is_told_which_apis_it_may_ask_for(root: Caller) -> None:
    wish = {
        "client_name": "Shop",
        "redirect_uris": ["https://shop.example.test/back"],
        "resources": ["https://notes.example"],
    }
    made = root.post("/admin/clients", wish).json["data"]
    assert made["resources"] == wish["resources"]
    path = f"/admin/clients/{made['client_id']}"
    changed = root.put(path, wish | {"resources": []}).json["data"]
    assert changed["resources"] == []


def test_a_key_stays_as_long_as_the_longest_token_of_an_api(
    root: Caller, services: Services, db: Any
) -> None:
    root.post("/admin/resources", NOTES | {"token_ttl": 7200})
    assert services.keys._longest_of_resources().total_seconds() == 7200

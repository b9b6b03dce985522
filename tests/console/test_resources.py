"""APIs and types of authorization details at the console, with the texts of consent."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from authserver.models import DetailType, Resource, Role
from tests.console.people import events
from tests.support.reader import Reader

API = "https://notes.example"


@pytest.fixture
def root(enter: Callable[..., Reader], services: Any) -> Any:
    yield enter("super_admin")
    services.resources.forget()


def register(root: Reader) -> Reader:
    root.open("/console/resources").link("resource-new")
    root.fill(identifier=API, name="Notes", names__pt__BR="Notas", token_ttl="300")
    root.fill(scope__0="notes:read", scope__0__en="Read your notes")
    root.fill(scope__0__ar="قراءة ملاحظاتك", reason="first")
    return root.press("resource-submit")


def test_an_api_is_registered_with_the_sentences_of_its_scopes(root, db, services):
    assert "The API is registered" in register(root).document.get("done").text
    row = db.session.query(Resource).one()
    assert (row.identifier, row.token_ttl, row.is_open) == (API, 300, False)
    assert row.scopes == {
        "notes:read": {"en": "Read your notes", "ar": "قراءة ملاحظاتك"}
    }
    assert row.names == {"pt-BR": "Notas"}
    assert "Read your notes" in root.document.get("scopes").text
    (event,) = events(db, "resource:self:created")
    assert (event.reason, event.facts["resource"]) == ("first", API)
    assert event.actor_id is not None
    assert services.resources.catalogue().owners["notes:read"] == API


def test_what_a_form_has_no_field_for_stays(root, db):
    register(root)
    row = db.session.query(Resource).one()
    row.scopes = {"notes:read": {"en": "Read", "no": "Les"}}
    row.names = {"no": "Notater"}
    db.session.commit()
    root.open(f"/console/resources/{row.id}/edit")
    root.fill(scope__0__en="Read them", scope__1="notes:write", names__es="Notas")
    root.tick("is_open").press("resource-submit")
    assert root.has("done")
    db.session.expire_all()
    row = db.session.query(Resource).one()
    assert row.scopes == {
        "notes:read": {"en": "Read them", "no": "Les"},
        "notes:write": {},
    }
    assert row.names == {"no": "Notater", "es": "Notas"}
    assert row.is_open
    root.open(f"/console/resources/{row.id}/edit").fill(scope__0="")
    root.press("resource-submit")
    db.session.expire_all()
    assert list(db.session.query(Resource).one().scopes) == ["notes:write"]
    assert len(events(db, "resource:self:changed")) == 2


@pytest.mark.parametrize(
    ("field", "value", "place"),
    [
        ("identifier", "notes", "identifier"),
        ("identifier", f"{API}/#x", "identifier"),
        ("name", "", "name"),
        ("token_ttl", "soon", "token_ttl"),
        ("token_ttl", "5", "token_ttl"),
        ("token_ttl", "٣٠٠", "token_ttl"),
        ("scope-0", "openid", "scopes"),
        ("scope-0", 'a"b', "scopes"),
        ("names-en", "x" * 500, "names-en"),
    ],
)
def test_what_does_not_fit_is_told_beside_its_field(root, db, field, value, place):
    root.open("/console/resources/new").fill(identifier=API, name="Notes")
    root.document.get(field).attributes["value"] = value
    assert root.press("resource-submit").status == 422
    assert root.has(f"{place}-error")
    assert db.session.query(Resource).count() == 0


def test_an_identifier_and_a_scope_have_one_owner(root, db):
    register(root)
    root.open("/console/resources/new").fill(identifier=API, name="Again")
    assert root.press("resource-submit").status == 409
    root.fill(identifier="https://other.example", scope__0="notes:read")
    assert root.press("resource-submit").status == 409
    assert db.session.query(Resource).count() == 1


def test_nobody_overwrites_what_they_have_not_seen(root, enter, db):
    register(root)
    row = db.session.query(Resource).one()
    other = enter("super_admin", "second").open(f"/console/resources/{row.id}/edit")
    root.open(f"/console/resources/{row.id}/edit").fill(name="First")
    root.press("resource-submit")
    assert other.fill(name="Second").press("resource-submit").status == 412
    assert other.press("resource-submit").has("done")


def test_an_api_is_deleted_by_its_name(root, db):
    register(root)
    row = db.session.query(Resource).one()
    root.open(f"/console/resources/{row.id}").link("resource-delete")
    root.fill(reason="gone", typed="Other").press("confirm-submit")
    assert root.status == 422
    root.fill(reason="gone", typed="Notes").press("confirm-submit")
    assert root.document.get("done").text == "The API is deleted."
    assert db.session.query(Resource).count() == 0
    assert events(db, "resource:self:deleted")[0].reason == "gone"


FIELDS = '{"amount": {"type": "number"}, "payee": {"type": "string"}}'


def add_type(root: Reader) -> Reader:
    root.open("/console/resources").link("detail-types").link("detail-type-new")
    root.fill(type="payment", texts__en="Pay {amount}", texts__es="Pague {amount}")
    root.fill(fields=FIELDS, required="amount", reason="shop")
    return root.press("detail-type-submit")


def test_a_type_of_details_is_added_changed_and_deleted(root, db, services):
    assert add_type(root).document.get("done").text == "The type is there."
    row = db.session.query(DetailType).one()
    assert row.fields["amount"] == {"type": "number"}
    assert (row.required, row.texts["es"]) == (["amount"], "Pague {amount}")
    root.open(f"/console/detail-types/{row.id}/edit").fill(texts__es="")
    root.tick("is_remembered").press("detail-type-submit")
    db.session.expire_all()
    row = db.session.query(DetailType).one()
    assert (row.texts, row.is_remembered) == ({"en": "Pay {amount}"}, True)
    root.open(f"/console/detail-types/{row.id}/delete").fill(
        reason="r", typed="payment"
    )
    assert "deleted" in root.press("confirm-submit").document.get("done").text
    assert db.session.query(DetailType).count() == 0
    assert [one.reason for one in events(db, "detail-type:self:created")] == ["shop"]


@pytest.mark.parametrize(
    ("field", "value", "place"),
    [
        ("type", 'a"b', "type"),
        ("fields", "[1]", "fields"),
        ("fields", "{", "fields"),
        ("fields", '{"a": NaN}', "fields"),
        ("fields", '{"a": {"x": "\\u0000"}}', "fields"),
        ("fields", '{"a": {"$ref": "https://evil.example"}}', "fields"),
        ("required", "nothing", "required"),
        ("resources", "not-a-uri", "resources"),
    ],
)
def test_a_type_that_does_not_fit_is_told_so(root, db, field, value, place):
    root.open("/console/detail-types/new").fill(type="payment", texts__en="Pay")
    root.document.get(field).attributes["value"] = value
    assert root.press("detail-type-submit").status == 422
    assert root.has(f"{place}-error")
    assert db.session.query(DetailType).count() == 0


def test_who_may_only_look_is_offered_nothing(root, enter, db, services):
    register(root)
    row = db.session.query(Resource).one()
    look = Role(name="looker", permissions=["resources:read"], is_system_role=False)
    look.created_at = look.updated_at = services.clock.now()
    db.session.add(look)
    db.session.commit()
    services.roles.forget()
    looker = enter("looker").open(f"/console/resources/{row.id}")
    assert looker.status == 200
    assert not looker.has("resource-edit")
    assert not looker.has("resource-delete")
    looker.open("/account/profile").send(f"/console/resources/{row.id}/edit", name="x")
    assert looker.status == 403

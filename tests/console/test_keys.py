"""Signing keys at the console: seen, rotated, taken out."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from authserver.models import Role, StoredKey
from tests.console.people import events
from tests.support.reader import Reader


@pytest.fixture
def root(enter: Callable[..., Reader]) -> Reader:
    return enter("super_admin")


def states(db: Any, alg: str = "RS256") -> dict[str, str]:
    db.session.rollback()
    rows = db.session.query(StoredKey).filter_by(alg=alg)
    return {row.kid: row.state for row in rows}


def one(db: Any, state: str) -> str:
    return next(kid for kid, now in states(db).items() if now == state)


def deeds(reader: Reader, word: str) -> list[str]:
    found = [e.get("href") for e in reader.document.all("a")]
    return [url for url in found if url.startswith("/console/keys/") and word in url]


def rotate(root: Reader) -> Reader:
    (url,) = deeds(root.open("/console/keys"), "/rotate/RS256")
    return root.open(url).fill(reason="yearly").press("confirm-submit")


def test_every_key_is_listed_with_its_state_and_none_of_its_secret(root, db):
    root.open("/console/keys")
    shown = root.document.get("keys").text
    for kid in states(db):
        assert kid in shown
    assert "Signs next" in shown
    assert root.document.get("jwks").get("href").endswith("/jwks")
    for row in db.session.query(StoredKey):
        assert row.private_sealed not in root.answer.text


def test_a_rotation_is_asked_and_written_down(root, db):
    coming, was = one(db, "next"), one(db, "active")
    (url,) = deeds(root.open("/console/keys"), "/rotate/RS256")
    assert root.open(url).press("confirm-submit").status == 422
    assert one(db, "active") == was
    root.fill(reason="yearly").press("confirm-submit")
    assert root.document.get("done").text == "The next key signs from now on."
    assert (one(db, "active"), one(db, "retired")) == (coming, was)
    (event,) = events(db, "key:signing:rotated")
    assert (event.reason, event.facts["kid"]) == ("yearly", coming)
    assert event.actor_id is not None


def test_a_young_key_is_offered_at_once_alone_and_says_so(root, db):
    rotate(root)
    (url,) = deeds(root.open("/console/keys"), "/rotate/RS256")
    assert url.endswith("?now=true")
    assert "may not know it yet" in root.open(url).text
    root.open(url.partition("?")[0]).fill(reason="r").press("confirm-submit")
    assert root.status == 409
    assert len(events(db, "key:signing:rotated")) == 1


def test_a_retired_key_goes_when_its_tokens_are_over(root, db):
    rotate(root)
    old = one(db, "retired")
    (url,) = deeds(root.open("/console/keys"), "/retire")
    assert url == f"/console/keys/{old}/retire?now=true"
    root.open(f"/console/keys/{old}/retire").fill(reason="r").press("confirm-submit")
    assert root.status == 409
    root.open(url).fill(reason="leaked", typed="another").press("confirm-submit")
    assert root.status == 422
    assert old in states(db)
    root.fill(reason="leaked", typed=old).press("confirm-submit")
    assert root.document.get("done").text == "The key is published no more."
    assert old not in states(db)
    (event,) = events(db, "key:signing:removed")
    assert (event.reason, event.facts["kid"]) == ("leaked", old)
    assert event.actor_id is not None


def test_a_key_that_signs_is_never_taken_out(root, db):
    kid = one(db, "active")
    root.open(f"/console/keys/{kid}/retire?now=true").fill(reason="r", typed=kid)
    assert root.press("confirm-submit").status == 409
    assert one(db, "active") == kid


def test_keys_and_algorithms_that_are_not_there(root):
    for path in ("rotate/HS256", "rotate/none", "nothing/retire", "%00/retire"):
        assert root.open(f"/console/keys/{path}").status == 404


def test_who_may_only_look_is_offered_nothing(db, services, enter):
    now = services.clock.now()
    look = Role(name="looker", permissions=["keys:read"], is_system_role=False)
    look.created_at = look.updated_at = now
    db.session.add(look)
    db.session.commit()
    services.roles.forget()
    looker = enter("looker").open("/console/keys")
    assert looker.status == 200
    assert deeds(looker, "") == []
    looker.open("/account/profile").send("/console/keys/rotate/RS256", reason="r")
    assert looker.status == 403
    assert enter("admin").open("/console/keys").status == 403

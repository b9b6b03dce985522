"""Passkeys by /v1: the same ceremonies, with an authenticator in software."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from authserver.clock import FrozenClock
from tests.support.authenticator import Authenticator
from tests.support.caller import Caller

BOB = "bob@example.test"


def add(
    caller: Caller, key: Authenticator, name: str = "work laptop"
) -> dict[str, str]:
    options = caller.data(caller.post("/auth/passkeys/options"))["options"]
    made = json.loads(key.create(options))
    answer = caller.post("/auth/passkeys", {"credential": made, "name": name})
    assert answer.status_code == 201, answer.text
    found: dict[str, str] = caller.data(answer)
    return found


@pytest.fixture
def key(api: Caller, ada: str) -> Authenticator:
    """Ada's passkey."""
    api.sign_in(ada)
    made = Authenticator()
    add(api, made)
    return made


def test_one_signs_in_alone(
    api: Caller, key: Authenticator, make_caller: Callable[..., Caller], ada: str
) -> None:
    phone = make_caller()
    options = phone.data(phone.post("/auth/passkeys/signin/options"))["options"]
    signed = {"credential": json.loads(key.get(options))}
    answer = phone.post("/auth/passkeys/signin", signed)
    phone.token = phone.data(answer)["accessToken"]
    assert phone.data(phone.get("/users/me"))["user"]["email"] == ada
    assert phone.post("/auth/passkeys/signin", signed).status_code == 401, "once"
    assert api.letters(ada, "mfa_changed")


def test_they_are_listed_and_removed_by_their_owner_alone(
    api: Caller, key: Authenticator, make_caller: Callable[..., Caller]
) -> None:
    listed = api.data(api.get("/auth/passkeys"))
    assert [one["name"] for one in listed] == ["work laptop"]
    assert not {"public_key", "credential_id"} & listed[0].keys()
    path = f"/auth/passkeys/{listed[0]['id']}"
    bob = make_caller()
    bob.sign_up(BOB, full_name="Bob")
    bob.sign_in(BOB)
    assert bob.data(bob.get("/auth/passkeys")) == []
    assert bob.delete(path).status_code == 404
    assert api.delete(path).status_code == 200
    assert api.delete(path).status_code == 404
    assert api.data(api.get("/auth/passkeys")) == []


def test_a_forged_one_is_refused(
    key: Authenticator, make_caller: Callable[..., Caller]
) -> None:
    phone = make_caller()
    options = phone.data(phone.post("/auth/passkeys/signin/options"))["options"]
    forged = Authenticator(id=key.id, handle=key.handle)
    signed = {"credential": json.loads(forged.get(options))}
    answer = phone.post("/auth/passkeys/signin", signed)
    assert (answer.status_code, answer.json["code"]) == (401, "AUTH_101")


def test_none_is_added_or_removed_without_a_fresh_proof(
    api: Caller, key: Authenticator, clock: FrozenClock
) -> None:
    listed = api.data(api.get("/auth/passkeys"))
    clock.advance(minutes=11)
    assert api.post("/auth/passkeys/options").json["code"] == "AUTH_104"
    given = {"credential": {}, "name": ""}
    assert api.post("/auth/passkeys", given).json["code"] == "AUTH_104"
    path = f"/auth/passkeys/{listed[0]['id']}"
    assert api.delete(path).json["code"] == "AUTH_104"


def test_they_are_among_ones_data_without_the_secrets_of_others(
    api: Caller, key: Authenticator
) -> None:
    found = api.data(api.get("/users/me/export"))
    assert [one["name"] for one in found["passkeys"]] == ["work laptop"]

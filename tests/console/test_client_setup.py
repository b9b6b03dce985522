"""Setting an app up at the console: what to paste, and whether its keys are found."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest
from joserfc.jwk import ECKey

from authserver.adapters.fetcher import Fetcher
from authserver.core.client_key_sets import ClientKeySets
from tests.support.caller import Caller
from tests.support.key_host import KeyHost
from tests.support.reader import Reader


@pytest.fixture
def registered(services: Any, db: Any, make_reader: Any) -> tuple[Any, str]:
    row, secret = services.clients.register(
        name="Notes <b>", redirect_uris=["https://notes.example/back"], profile="oidc"
    )
    db.session.commit()
    return row, secret


def test_snippets_have_the_values_of_the_app_and_not_its_secret(
    enter: Callable[..., Reader], registered
):
    row, secret = registered
    reader = enter("super_admin").open(f"/console/clients/{row.id}")
    reader.link("client-setup")
    for number in (1, 2, 3):
        text = reader.document.get(f"snippet-{number}").text
        assert row.client_id in text
        assert "https://notes.example/back" in text
    assert secret not in reader.answer.text
    assert "OIDC_CLIENT_SECRET" in reader.text
    assert not reader.has("no-address")


def test_the_api_gives_the_same(app, clock, enter, registered):
    row, secret = registered
    reader = enter("super_admin").open(f"/console/clients/{row.id}/setup")
    caller = Caller(app, clock)
    token = caller.sign_in("super_admin@example.test")["accessToken"]
    answer = caller.get(
        f"/admin/clients/{row.client_id}/snippets", Authorization=f"Bearer {token}"
    )
    assert secret not in answer.text
    found = caller.data(answer)
    assert len(found) == 3
    assert found[1]["text"].split() == reader.document.get("snippet-2").text.split()


def test_keys_are_fetched_where_the_app_publishes_them(
    services, db, clock, enter, registered, monkeypatch
):
    """A set with a key, then something else, told as it is; twice a minute, no more."""
    row, _ = registered
    fetcher = Fetcher(allow_http=True, allowed=["127.0.0.1"])
    sets = ClientKeySets(clock, lambda: fetcher, threading.Semaphore(1))
    monkeypatch.setitem(vars(services), "client_key_sets", sets)
    with KeyHost() as host:
        host.publish(ECKey.generate_key("P-256", {"kid": "of-notes"}))
        row.extra = row.extra | {"jwks_uri": host.url}
        db.session.commit()
        services.clients.cache.clear()
        reader = enter("super_admin").open(f"/console/clients/{row.id}")
        reader.link("client-keys")
        assert (reader.has("found-keys"), host.asked) == (False, 0)
        reader.press("fetch-submit")
        assert "of-notes" in reader.document.get("found-keys").text
        host.say({"no": "set"})
        reader.press("fetch-submit")
        assert "no JWK Set" in reader.document.get("fetch-fault").text
        assert reader.press("fetch-submit").status == 200
        assert host.asked == 2


def test_an_app_without_an_address_of_keys_has_no_such_page(enter, registered):
    row, _ = registered
    reader = enter("super_admin").open(f"/console/clients/{row.id}")
    assert not reader.has("client-keys")
    assert reader.open(f"/console/clients/{row.id}/keys").status == 404


def test_the_page_grades_the_app_and_says_the_next_step(
    enter: Callable[..., Reader], registered
):
    row, _ = registered
    reader = enter("super_admin").open(f"/console/clients/{row.id}")
    said = reader.document.get("grades").text
    assert "OAuth 2.1 and RFC 9700 B" in said
    assert "give it the profile OAuth 2.1. Nothing stands in the way." in said
    assert "FAPI 2.0 C" in said
    assert "Next step: token_endpoint_auth_method: fapi2 takes" in said
    assert "MCP authorization B" in said

"""What an operator says of an app at the console: its APIs, addresses and logo."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from authserver.adapters.fetcher import Fetcher
from authserver.models import Client, ClientLogo
from tests.console.apps import client, register
from tests.support.key_host import KeyHost
from tests.support.pictures import png
from tests.support.reader import Reader

PAGES = {
    "jwks_uri": "https://app.example/keys",
    "backchannel_logout_uri": "https://app.example/ended",
    "client_uri": "https://app.example/",
    "policy_uri": "https://app.example/privacy",
    "tos_uri": "https://app.example/terms",
}

UNSEEN = ("jwks_uri", "backchannel_logout_uri")


@pytest.fixture
def root(enter: Callable[..., Reader]) -> Reader:
    return enter("super_admin")


@pytest.fixture
def gallery(services: Any, monkeypatch: Any) -> Iterator[KeyHost]:
    """Where a picture lies."""
    fetcher = Fetcher(allow_http=True, allowed=["127.0.0.1"])
    logos = dataclasses.replace(services.logos, fetcher=fetcher)
    monkeypatch.setitem(vars(services), "logos", logos)
    with KeyHost() as host:
        host.say(png())
        yield host


def pictures(db: Any) -> int:
    db.session.rollback()
    return int(db.session.query(ClientLogo).count())


def test_an_mcp_client_says_which_server_its_tokens_are_for(root, db):
    register(root, "mcp")
    assert root.status == 422
    assert "Name the MCP server" in root.document.get("error-summary").text
    for wrong in ("tools", "https://tools.example/#mcp", "https://tools.example:x/"):
        register(root, "mcp", resources=wrong)
        assert "absolute URIs" in root.document.get("error-summary").text, wrong
    # Written as the registry of APIs has it: the two are held together as they stand.
    server = "https://tools.example/mcp"
    register(root, "mcp", resources="HTTPS://Tools.example:443/mcp")
    row = client(db, "Notes")
    assert (row.token_endpoint_auth_method, row.extra["resources"]) == (
        "none",
        [server],
    )
    assert row.extra["application_type"] == "native"
    assert "MCP authorization" in root.document.get("grades").text
    page = root.path
    root.link("client-edit").fill(reason="more")
    root.fill(resources=f"{server}\nhttps://notes.example").press("client-submit")
    assert root.path == page
    assert len(client(db, "Notes").extra["resources"]) == 2
    root.link("client-edit").fill(reason="none", resources="").press("client-submit")
    assert "resources" not in client(db, "Notes").extra


def test_addresses_are_kept_and_a_logo_is_fetched_where_it_is_another(
    root, db, gallery
):
    told = PAGES | {"logo_uri": gallery.url}
    register(root, **told)
    row = client(db, "Notes")
    assert {name: row.extra[name] for name in told} == told
    assert row.token_endpoint_auth_method == "private_key_jwt"
    assert (gallery.asked, pictures(db)) == (1, 1)

    root.link("client-edit").fill(reason="renamed", client_name="New")
    root.press("client-submit")
    row = client(db, "New")
    assert {name: row.extra[name] for name in told} == told
    assert (gallery.asked, pictures(db)) == (1, 1)

    gallery.say(b"no picture")
    root.link("client-edit").fill(reason="a new one", logo_uri=f"{gallery.url}?2")
    root.press("client-submit")
    assert (gallery.asked, pictures(db)) == (2, 0)
    root.link("client-edit").fill(reason="none", logo_uri="", policy_uri="")
    root.press("client-submit")
    assert not {"logo_uri", "policy_uri"} & client(db, "New").extra.keys()
    assert gallery.asked == 2


@pytest.mark.parametrize("member", [*PAGES, "logo_uri"])
@pytest.mark.parametrize("said", ["javascript:alert(1)", "ftp://app.example/"])
def test_what_nobody_can_open_is_told_beside_its_field(root, db, member, said):
    register(root, **{member: said})
    assert root.status == 422
    links = [e.get("href") for e in root.document.get("error-summary").walk()]
    assert f"#{member}" in links
    # What was said stands open, and its fault with it.
    assert root.document.get("seen").has("open") is (member not in UNSEEN)
    assert db.session.query(Client).filter_by(name="Notes").count() == 0

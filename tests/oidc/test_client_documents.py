"""A client_id that is the URL of its metadata: fetched, believed for a while, shown."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.adapters.hostile_server import page as answer
from tests.support import enrolment
from tests.support.answer_rules import refused
from tests.support.browser import Browser, Page
from tests.support.live import LiveServer
from tests.support.person import Person
from tests.support.relying_party import Registration, RelyingParty
from tests.support.site import Site

CALLBACK = "https://rp.example/callback"
numbers = itertools.count(1)
Publish = Callable[..., RelyingParty]

pytestmark = pytest.mark.spec("draft-ietf-oauth-client-id-metadata-document")


@pytest.fixture(scope="module")
def reading(
    database_kind: str, make_migrated: Callable[[str], str], site: Site
) -> Iterator[LiveServer]:
    """A server that reads documents; nobody registers there."""
    env = {
        "CLIENT_ID_METADATA_DOCUMENTS": "on",
        "OUTBOUND_ALLOW": "127.0.0.1",
        "FETCH_CA_FILE": site.bundle,
    }
    with LiveServer(database_url=make_migrated(database_kind), env=env) as running:
        yield running


@pytest.fixture(scope="module")
def somebody(reading: LiveServer, folder: Path) -> Person:
    return enrolment.enrol_person(reading, folder)


@pytest.fixture
def window(reading: LiveServer) -> Iterator[Browser]:
    with Browser(reading.url) as browser:
        yield browser


@pytest.fixture
def publish(reading: LiveServer, site: Site) -> Publish:
    """Put a document up; keywords change one member, `raw` the whole."""

    def put(raw: bytes | None = None, path: str = "", **changes: Any) -> RelyingParty:
        path = path or f"/clients/{next(numbers)}.json"
        url = site.url(path)
        said = {"client_id": url, "client_name": "Notes", "redirect_uris": [CALLBACK]}
        kept = {name: v for name, v in (said | changes).items() if v is not None}
        site.put(path, json.dumps(kept).encode() if raw is None else raw)
        return RelyingParty(reading.url, Registration(url, auth_method="none"))

    return put


def test_it_is_advertised_where_it_is_on_and_only_there(
    reading: LiveServer, rp: RelyingParty
) -> None:
    name = "client_id_metadata_document_supported"
    found = requests.get(f"{reading.url}/.well-known/openid-configuration", timeout=10)
    assert found.json()[name] is True
    assert name not in rp.metadata


def test_a_document_is_a_client(
    publish: Publish, window: Browser, somebody: Person, site: Site
) -> None:
    """The whole road, with PKCE since it is public; fetched once and kept."""
    party = publish()
    flow = party.sign_in(window, somebody, pkce=True)
    assert flow.claims["aud"] == party.registration.client_id
    assert flow.pages == ("signin", "consent")
    assert party.sign_in(window, somebody, pkce=True).pages == ()
    assert site.asked(f"/clients/{party.registration.client_id.split('/')[-1]}") == 1


def test_its_host_is_what_people_see(publish: Publish, window: Browser) -> None:
    """A name may be anybody's; the host is the client."""
    page = window.open(publish(client_name="Your bank").ask(pkce=True).url)
    assert isinstance(page, Page) and page.has("unverified-app", "login-submit")
    assert "127.0.0.1" in page.words


BAD: dict[str, dict[str, Any]] = {
    "another's": {"client_id": "https://rp.example/other.json"},
    "nobody's": {"client_id": None},
    "with a secret": {"client_secret": "x"},
    "by a secret": {"token_endpoint_auth_method": "client_secret_basic"},
    "without address": {"redirect_uris": None},
    "with a bad address": {"redirect_uris": ["http://rp.example/cb"]},
    "no JSON": {"raw": b"<html>"},
    "a list": {"raw": b"[]"},
    "too large": {"raw": b'{"x": "' + b"y" * 20_000 + b'"}'},
    "nothing": {"raw": b""},
}


@pytest.mark.parametrize("changes", BAD.values(), ids=BAD)
def test_any_other_document_is_no_client(
    publish: Publish, window: Browser, changes: dict[str, Any]
) -> None:
    page = window.open(publish(**changes).ask(pkce=True).url)
    assert isinstance(page, Page), "nobody is redirected"
    assert page.status == 400 and page.has("error")


def test_a_document_that_leads_elsewhere_is_not_followed(
    publish: Publish, window: Browser, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who controls the URL is the client; a redirect would make it somebody else."""
    party = publish()
    target = site.put("/elsewhere.json", b"{}")
    path = "/" + party.registration.client_id.split("/", 3)[3]
    moved = answer(b"", status="302 Found", location=target)
    plain = site.server.answer
    monkeypatch.setattr(
        site.server, "answer", lambda r: moved if path in r else plain(r)
    )
    page = window.open(party.ask(pkce=True).url)
    assert isinstance(page, Page) and page.status == 400
    assert site.asked("/elsewhere.json") == 0


NOT_DOCUMENTS = [
    "https://127.0.0.1", "https://user@127.0.0.1/a", "https://127.0.0.1/a#b",
    "https://127.0.0.1/a?b=c", "https://127.0.0.1/../a", "https://127.0.0.1/./a",
    "http://127.0.0.1/a", "https://127.0.0.1:0/a", "https://127.0.0.1:99999/a",
    "https:///a", "https://127.0.0.1/\u00e9", "https://127.0.0.1/a\\b",
    "https://10.0.0.1/a", "https://169.254.169.254/latest", "https://[::1]/a",
    "https://127.0.0.1/" + "x" * 2000,
]  # fmt: skip


@pytest.mark.parametrize("client_id", NOT_DOCUMENTS)
def test_what_is_no_such_url_is_an_unknown_client(
    reading: LiveServer, window: Browser, client_id: str
) -> None:
    """And what only this network reaches is not asked for."""
    party = RelyingParty(reading.url, Registration(client_id, auth_method="none"))
    page = window.open(party.ask(pkce=True).url)
    assert isinstance(page, Page) and page.status == 400 and page.has("error")
    refused(party.redeem(party.ask(pkce=True), "x"), "invalid_client", status=401)


def test_a_failure_is_not_asked_for_again_at_once(
    reading: LiveServer, window: Browser, site: Site
) -> None:
    """A link on a busy page must not make us ask a thousand times."""
    path = f"/clients/never-{next(numbers)}.json"  # both databases ask the one site
    url = site.url(path)
    party = RelyingParty(reading.url, Registration(url, auth_method="none"))
    for _ in range(3):
        page = window.open(party.ask(pkce=True).url)
        assert isinstance(page, Page) and page.status == 400
    assert site.asked(path) == 1


def test_nobody_changes_it_but_whoever_holds_the_url(
    publish: Publish, window: Browser, reading: LiveServer
) -> None:
    """It has no registration access token, and none fits."""
    party = publish()
    window.open(party.ask(pkce=True).url)
    shown = reading.cli("client", "show", party.registration.client_id)
    assert shown["registered_by"] == "document" and shown["unused_until"]
    where = requests.utils.quote(party.registration.client_id, safe="")
    found = requests.delete(
        f"{reading.url}/register/{where}",
        headers={"Authorization": "Bearer x"},
        timeout=10,
    )
    assert found.status_code in (401, 404)

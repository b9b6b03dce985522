"""How long a metadata document is believed, and what happens when it changes."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from authserver.adapters.exchange import Answer
from authserver.adapters.fetcher import Fetcher
from authserver.clock import FrozenClock
from authserver.core.client_documents import (
    LONGEST,
    SHORTEST,
    USUAL,
    ClientDocuments,
    is_document,
    lifetime,
)
from authserver.errors import InvalidClientMetadata, TooManyTries
from authserver.models import Client, User
from authserver.services import Services
from tests.support.site import Site

CALLBACK = "https://rp.example/callback"
NETWORK = "203.0.113.9"


@pytest.mark.parametrize(
    ("said", "life"),
    [
        (None, USUAL),
        ("public", USUAL),
        ("max-age=7200", timedelta(hours=2)),
        ("public, max-age=7200", timedelta(hours=2)),
        ("max-age=1", SHORTEST),
        ("max-age=999999999", LONGEST),
        ("no-store", SHORTEST),
        ("max-age=7200, no-cache", SHORTEST),
        ("max-age=-1", USUAL),
        ("max-age=99999999999999999999", USUAL),
        ("s-max-age=7200", USUAL),
    ],
)
def test_a_document_is_believed_as_long_as_it_says_within_reason(
    said: str | None, life: timedelta
) -> None:
    headers = {} if said is None else {"cache-control": said}
    assert lifetime(Answer(200, headers, b"", "https://x.example/")) == life


@pytest.mark.parametrize(
    ("client_id", "can_be"),
    [
        ("https://x.example/client.json", True),
        ("https://x.example:8443/a/b", True),
        ("https://x.example/", True),
        ("https://x.example", False),
        ("http://x.example/a", False),
        ("https://x.example/a#b", False),
        ("https://x.example/a?b", False),
        ("https://x.example/a/../b", False),
        ("https://u@x.example/a", False),
        ("HTTPS://x.example/a", False),
        ("", False),
    ],
)
def test_a_client_id_is_a_document_by_its_form(client_id: str, can_be: bool) -> None:
    assert is_document(client_id) is can_be


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    folder: Path = tmp_path_factory.mktemp("home")
    with Site(folder) as running:
        yield running


@dataclass
class Shelf:
    """One document, and the service that reads it."""

    site: Site
    documents: ClientDocuments
    path: str

    @property
    def url(self) -> str:
        return self.site.url(self.path)

    def write(self, **changes: Any) -> None:
        said = {"client_id": self.url, "redirect_uris": [CALLBACK]} | changes
        self.site.put(self.path, json.dumps(said).encode())

    def read(self) -> bool:
        return self.documents.refresh(self.url, NETWORK)


@pytest.fixture
def shelf(
    services: Services, db: Any, home: Site, request: pytest.FixtureRequest
) -> Shelf:
    settings = replace(services.settings, client_id_documents=True)
    keys = replace(services.keys, settings=settings)
    documents = ClientDocuments(
        db=db.session,
        clock=services.clock,
        settings=settings,
        clients=replace(services.clients, keys=keys, cache={}),
        fetcher=Fetcher(allowed=["127.0.0.1"], ca_file=home.bundle),
        logos=services.logos,
        limiter=services.throttle,
        audit=services.audit,
    )
    shelf = Shelf(home, documents, f"/{hash(request.node.nodeid) & 0xFFFFFFFF}.json")
    shelf.write()
    return shelf


def test_it_is_fetched_again_when_it_has_grown_old(
    shelf: Shelf, db: Any, clock: FrozenClock
) -> None:
    assert shelf.read()
    db.session.commit()
    assert not shelf.read()
    shelf.write(client_name="Renamed")
    clock.advance(minutes=59)
    assert not shelf.read()
    clock.advance(minutes=2)
    assert shelf.read()
    db.session.commit()
    assert shelf.documents.clients.get(shelf.url).name == "Renamed"
    assert shelf.site.asked(shelf.path) == 2


def test_an_old_one_is_kept_while_its_server_is_away(
    shelf: Shelf, db: Any, clock: FrozenClock
) -> None:
    """And asked for again a minute later, not at every request."""
    shelf.read()
    db.session.commit()
    shelf.site.files.pop(shelf.path)
    clock.advance(hours=2)
    for _ in range(3):
        assert not shelf.read()
    assert shelf.documents.clients.find(shelf.url) is not None
    assert shelf.site.asked(shelf.path) == 2
    clock.advance(minutes=2)
    assert not shelf.read()
    assert shelf.site.asked(shelf.path) == 3


def test_a_document_that_has_turned_bad_changes_nothing(
    shelf: Shelf, db: Any, clock: FrozenClock
) -> None:
    shelf.read()
    db.session.commit()
    shelf.write(redirect_uris=["http://evil.example/"])
    clock.advance(hours=2)
    assert not shelf.read()
    assert shelf.documents.clients.get(shelf.url).redirect_uris == [CALLBACK]


@pytest.mark.parametrize(
    ("addresses", "stays"),
    [([CALLBACK], True), ([CALLBACK, "https://rp.example/new"], False)],
)
def test_another_address_asks_people_anew(
    shelf: Shelf,
    services: Services,
    db: Any,
    ada: User,
    clock: FrozenClock,
    addresses: list[str],
    stays: bool,
) -> None:
    shelf.read()
    row = shelf.documents.clients.get(shelf.url)
    services.consents.remember(ada.id, row.id, ["openid"])
    db.session.commit()
    shelf.write(redirect_uris=addresses, client_name="New")
    clock.advance(hours=2)
    assert shelf.read()
    db.session.commit()
    assert (services.consents.find(ada.id, row.id) is not None) is stays


def test_of_two_at_once_both_have_the_one_row(
    shelf: Shelf, db: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second finds it missing, and there when it writes."""
    shelf.read()
    db.session.commit()
    shelf.documents.clients.cache.clear()
    monkeypatch.setattr(ClientDocuments, "_row", lambda *_: None)
    monkeypatch.setattr(type(shelf.documents.clients), "find", lambda *_: None)
    assert shelf.read()
    db.session.commit()
    assert db.session.query(Client).filter_by(client_id=shelf.url).count() == 1


def test_unknown_documents_are_counted_by_network(
    shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each makes us call somebody; a known one that has grown old does not count."""

    def full(name: str, key: str) -> None:
        raise TooManyTries(f"{name} {key}")

    monkeypatch.setattr(shelf.documents.limiter, "hit", full)
    with pytest.raises(TooManyTries):
        shelf.read()
    assert shelf.site.asked(shelf.path) == 0


@pytest.mark.parametrize(
    "changes",
    [
        {"token_endpoint_auth_method": "client_secret_jwt"},
        {"client_secret_expires_at": 0},
        {"subject_type": "pairwise"},
        {"client_id": "https://other.example/a"},
    ],
    ids=str,
)
def test_what_a_public_document_cannot_say(
    shelf: Shelf, changes: dict[str, Any]
) -> None:
    shelf.write(**changes)
    with pytest.raises(InvalidClientMetadata):
        shelf.read()

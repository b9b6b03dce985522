"""Whom a client knows a person as: everywhere the same name (OIDC Core §8)."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

import pytest

from authserver.core.apps import App
from authserver.core.sectors import sector_of
from authserver.models import Preference, User
from authserver.services import Services

Make = Callable[..., App]


@pytest.fixture
def make(services: Services, db: Any) -> Make:
    """Register a pairwise client at some addresses."""

    def register(*uris: str, **extra: Any) -> App:
        row, _ = services.clients.register(
            name="Pair",
            redirect_uris=uris,
            extra={"subject_type": "pairwise", **extra},
        )
        db.session.commit()
        found = services.clients.find(row.client_id)
        assert found is not None
        return found

    return register


def test_a_public_client_knows_people_by_their_id(
    services: Services, shop: App, ada: User
) -> None:
    assert services.sectors.sub_of(shop, ada.id) == str(ada.id)
    assert services.sectors.user_of(shop, str(ada.id)) == ada.id


def test_two_clients_of_one_host_share_a_name_and_another_host_does_not(
    services: Services, ada: User, make: Make
) -> None:
    """OIDC Core §8.1: the host of the redirect URI is the sector."""
    first, second = make("https://a.example/1"), make("https://a.example/2")
    elsewhere = make("https://b.example/1")
    subs = [services.sectors.sub_of(app, ada.id) for app in (first, second, elsewhere)]
    assert subs[0] == subs[1] != subs[2]
    assert str(ada.id) not in subs


def test_a_sector_document_makes_several_hosts_one_sector(make: Make) -> None:
    """§8.1: then its own host is the sector."""
    app = make(
        "https://a.example/1",
        "https://b.example/1",
        sector_identifier_uri="https://home.example/sector.json",
    )
    assert sector_of(app) == "home.example"


def test_a_name_is_known_again_at_its_own_sector_alone(
    services: Services, ada: User, make: Make
) -> None:
    app, other = make("https://a.example/1"), make("https://b.example/1")
    sub = services.sectors.sub_of(app, ada.id)
    assert services.sectors.user_of(app, sub) == ada.id
    assert services.sectors.user_of(other, sub) is None
    for hostile in (str(ada.id), "x", None, 7, str(uuid.uuid4())):
        assert services.sectors.user_of(app, hostile) is None


def test_a_session_has_another_name_at_each_sector(
    services: Services, shop: App, ada: User, make: Make
) -> None:
    """Else two clients would find by ``sid`` what ``sub`` keeps from them."""
    app, other = make("https://a.example/1"), make("https://b.example/1")
    session = uuid.uuid4()
    names = [services.sectors.sid_of(one, session) for one in (app, other, shop)]
    assert len(set(names)) == 3 and names[2] == str(session)
    assert names[0] == services.sectors.sid_of(app, session)
    assert services.sectors.user_of(app, names[0]) is None
    assert services.sectors.sub_of(app, session) != names[0]


def test_the_key_is_made_once_and_lies_sealed(services: Services, db: Any) -> None:
    """It outlives every process: a new one would make everybody a stranger."""
    before = dict(db.session.get(Preference, "pairwise").value)
    services.sectors.ensure()
    db.session.commit()
    db.session.expire_all()
    assert db.session.get(Preference, "pairwise").value == before
    assert before["sealed"].startswith("s1.")

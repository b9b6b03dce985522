"""Which profile a client could move to, and what stands in the way."""

from collections.abc import Callable
from typing import Any

import pytest
from joserfc.jwk import RSAKey
from sqlalchemy import select

from authserver.core.apps import App
from authserver.core.client_check import Move
from authserver.errors import Conflict, InvalidInput
from authserver.models import SecurityEvent
from authserver.services import Services

KEY = RSAKey.generate_key(2048).as_dict(private=False)


@pytest.fixture
def moves(services: Services) -> Callable[[str], dict[str, Move]]:
    """Check a client; give its lines by profile."""

    def give(client_id: str) -> dict[str, Move]:
        found = services.client_check.moves(services.clients.get(client_id))
        return {move.profile: move for move in found}

    return give


def test_a_client_with_a_secret_is_far_from_fapi(moves: Any, shop: App) -> None:
    told = moves(shop.client_id)
    assert [name for name, move in told.items() if move.fits] == ["oidc", "oauth21"]
    assert told["oidc"].is_current and not told["oidc"].changes
    assert list(told["fapi2"].faults) == ["token_endpoint_auth_method"]
    assert "jwks" in told["fapi2-ms"].faults


def test_a_client_with_a_key_is_near(services: Services, moves: Any, db: Any) -> None:
    row, _ = services.clients.register(
        name="Bank",
        redirect_uris=["https://bank.example/cb"],
        auth_method="private_key_jwt",
        jwks={"keys": [KEY]},
    )
    told = moves(row.client_id)
    assert all(move.fits for move in told.values())
    assert any("pushed: yes" in change for change in told["fapi2"].changes)
    row.jwks = {"keys": [KEY | {"alg": "RS256"}]}
    db.session.flush()
    assert "jwks" in moves(row.client_id)["fapi2"].faults


def test_what_it_was_seen_doing_counts(
    services: Services, moves: Any, issue: Callable[..., str], shop: App, db: Any
) -> None:
    """A client that never sent a challenge would be refused from the first day."""
    issue(challenge=None)
    issue()
    told = moves(shop.client_id)
    assert not told["oidc"].seen
    assert told["oauth21"].seen == ["1 of 2 codes were asked for without a challenge."]
    assert len(told["fapi2"].seen) == 2
    for _ in range(2):
        uri, _ = services.pushed_requests.push(shop, {})
        db.session.commit()
        found = services.pushed_requests.find(uri, app=shop)
        services.pushed_requests.finish(found.id)
    assert len(moves(shop.client_id)["fapi2"].seen) == 1


def test_what_others_do_does_not_count(
    services: Services, moves: Any, issue: Callable[..., str]
) -> None:
    issue(challenge=None)
    row, _ = services.clients.register(
        name="Other", redirect_uris=["https://other.example/cb"]
    )
    assert moves(row.client_id)["oauth21"].fits


def test_a_client_that_fits_is_moved_and_that_is_logged(
    services: Services, db: Any
) -> None:
    row, _ = services.clients.register(
        name="Bank",
        redirect_uris=["https://bank.example/cb"],
        auth_method="private_key_jwt",
        jwks={"keys": [KEY]},
    )
    db.session.commit()
    assert services.clients.find(row.client_id).profile == "oidc"
    services.client_check.move(row.client_id, "fapi2")
    db.session.commit()
    assert services.clients.find(row.client_id).profile == "fapi2"
    event = db.session.scalars(
        select(SecurityEvent).order_by(SecurityEvent.id.desc())
    ).first()
    assert (event.event, event.facts["before"], event.facts["profile"]) == (
        *("client:self:changed", "oidc", "fapi2"),
    )


def test_a_client_that_does_not_fit_stays(
    services: Services, issue: Callable[..., str], shop: App
) -> None:
    """What cannot be is refused; what was only seen can be insisted on."""
    issue(challenge=None)
    with pytest.raises(InvalidInput):
        services.client_check.move(shop.client_id, "fapi2", anyway=True)
    with pytest.raises(InvalidInput):
        services.client_check.move(shop.client_id, "nonsense")
    with pytest.raises(Conflict):
        services.client_check.move(shop.client_id, "oauth21")
    assert services.clients.get(shop.client_id).profile == "oidc"
    services.client_check.move(shop.client_id, "oauth21", anyway=True)
    assert services.clients.get(shop.client_id).profile == "oauth21"

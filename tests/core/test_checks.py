"""Tokens that come back to us (RFC 9068 §4)."""

from collections.abc import Callable
from typing import Any

import pytest

from authserver.clock import FrozenClock
from authserver.core.apps import App
from authserver.errors import InvalidToken
from authserver.services import Services
from tests.core.conftest import CALLBACK, VERIFIER


@pytest.fixture
def token(services: Services, db: Any, issue: Callable[..., str], shop: App) -> str:
    grant = services.grants.redeem_code(
        issue(), app=shop, redirect_uri=CALLBACK, verifier=VERIFIER
    )
    db.session.commit()
    return services.tokens.access_token(grant)


def test_a_token_is_good_until_its_second_comes(
    services: Services, token: str, clock: FrozenClock
) -> None:
    """RFC 7519 §4.1.4: on or after ``exp`` it must not be accepted."""
    life = services.settings.access_ttl.total_seconds()
    clock.advance(seconds=life - 1)
    assert services.checks.access(token).subject.email == "ada@example.test"
    clock.advance(seconds=1)  # less than a ring of keys lives
    with pytest.raises(InvalidToken):
        services.checks.access(token)


def test_a_revocation_is_seen_at_once(
    services: Services, db: Any, token: str, shop: App
) -> None:
    """RFC 7009 §2: whatever was checked a moment before."""
    assert services.checks.introspect(token, caller=shop)["active"]
    services.checks.revoke(token, app=shop)
    db.session.commit()
    assert services.checks.introspect(token, caller=shop) == {"active": False}
    with pytest.raises(InvalidToken):
        services.checks.access(token)

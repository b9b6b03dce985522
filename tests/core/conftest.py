"""People and apps to try the rules on."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest

from authserver.core.acr import SINGLE
from authserver.core.apps import App
from authserver.core.grants import Authorization
from authserver.crypto import pkce
from authserver.models import User
from authserver.services import Services
from tests.core.banks import agree, ask, bank, hear  # noqa: F401 -- fixtures
from tests.core.devices import allow, begin, person, poll, tv  # noqa: F401 -- fixtures
from tests.support.audit_log import log, tamper, write  # noqa: F401 -- fixtures

PASSWORD = "a lantern above four quiet harbours"
VERIFIER = "v" * 43
CALLBACK = "https://shop.example.test/back"


@pytest.fixture
def ada(services: Services, db: Any) -> User:
    """Somebody verified, with a password."""
    user = services.people.add(
        email="ada@example.test",
        password=PASSWORD,
        username="ada",
        full_name="Ada Lovelace",
        verified=True,
        roles=["user"],
        institutions=["default"],
    )
    db.session.commit()
    return user


@pytest.fixture
def register(services: Services, db: Any) -> Callable[..., App]:
    """Register a client; give it as requests find it."""

    def add(**facts: Any) -> App:
        row, _ = services.clients.register(**facts)
        db.session.commit()
        services.clients.cache.clear()
        found = services.clients.find(row.client_id)
        assert found is not None
        return found

    return add


@pytest.fixture
def shop(register: Callable[..., App]) -> App:
    """A confidential client that may refresh."""
    return register(name="Shop", redirect_uris=[CALLBACK])


@pytest.fixture
def issue(services: Services, db: Any, ada: User, shop: App) -> Callable[..., str]:
    """Give a code as after a sign-in; keywords change one thing."""

    def give(**changed: Any) -> str:
        signed_in: datetime = services.clock.now()
        facts: dict[str, Any] = {
            "user_id": ada.id,
            "session_id": None,
            "redirect_uri": CALLBACK,
            "scopes": ("openid", "email", "offline_access"),
            "auth_time": signed_in,
            "acr": SINGLE,
            "amr": ("pwd",),
            "nonce": "n",
            "challenge": pkce.challenge_of(VERIFIER),
        }
        code = services.grants.issue_code(shop, Authorization(**(facts | changed)))
        db.session.commit()
        return code

    return give

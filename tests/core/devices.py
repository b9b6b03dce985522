"""A television, and Ada at her browser; fixtures, taken over by `conftest.py`."""

from collections.abc import Callable
from typing import Any

import pytest

from authserver.core.apps import App
from authserver.core.client_metadata import DEVICE_CODE
from authserver.core.device_grants import Begun
from authserver.core.polling import Wanted
from authserver.core.signed_in import SignedIn
from authserver.models import User
from authserver.services import Services

SCOPES = ("openid", "email", "offline_access")


@pytest.fixture
def tv(register: Callable[..., App]) -> App:
    """A public client that may wait, and refresh."""
    return register(
        name="Television",
        auth_method="none",
        grant_types=(DEVICE_CODE, "refresh_token"),
    )


@pytest.fixture
def person(services: Services, ada: User, db: Any) -> SignedIn:
    """Ada, at her browser."""
    _, cookie = services.sessions.start(ada, amr=["pwd"], remember=False)
    db.session.commit()
    found = services.sessions.find(cookie)
    assert found is not None
    return found


@pytest.fixture
def begin(services: Services, tv: App, db: Any) -> Callable[..., Begun]:
    def give(scopes: tuple[str, ...] = SCOPES) -> Begun:
        begun = services.device_grants.begin(tv, Wanted(scopes))
        db.session.commit()
        return begun

    return give


@pytest.fixture
def allow(services: Services, person: SignedIn, db: Any) -> Callable[..., None]:
    def give(begun: Begun, scopes: tuple[str, ...] = SCOPES) -> None:
        found = services.device_grants.find(begun.user_code)
        services.device_grants.allow(found, person, scopes)
        db.session.commit()

    return give


@pytest.fixture
def poll(services: Services, tv: App, db: Any) -> Callable[..., Any]:
    """Poll as the wire does: what a recorded refusal wrote is kept."""

    def give(begun: Begun, app: App = tv) -> Any:
        try:
            granted = services.device_grants.redeem(begun.device_code, app=app)
        finally:
            db.session.commit()
        return granted

    return give

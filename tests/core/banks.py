"""A bank that asks for Ada while she is elsewhere; fixtures for `conftest.py`."""

from collections.abc import Callable
from typing import Any

import pytest

from authserver.core.apps import App
from authserver.core.backchannel import Begun, Wish
from authserver.core.client_metadata import CIBA
from authserver.core.polling import Wanted
from authserver.core.signed_in import SignedIn
from authserver.models import User
from authserver.services import Services

SCOPES = ("openid", "email", "offline_access")
PING = {
    "backchannel_token_delivery_mode": "ping",
    "backchannel_client_notification_endpoint": "https://bank.example.test/cb",
}


@pytest.fixture
def bank(register: Callable[..., App]) -> App:
    """A confidential client that is pinged."""
    return register(name="Bank", grant_types=(CIBA, "refresh_token"), extra=PING)


@pytest.fixture
def ask(services: Services, bank: App, ada: User, db: Any) -> Callable[..., Begun]:
    def give(**changed: Any) -> Begun:
        wish = {
            "user_id": ada.id,
            "wanted": Wanted(SCOPES),
            "binding_message": None,
            "notification_token": None,
            "requested_expiry": None,
        } | changed
        begun = services.backchannel.begin(bank, Wish(**wish))
        db.session.commit()
        return begun

    return give


@pytest.fixture
def agree(services: Services, person: SignedIn, db: Any) -> Callable[[], None]:
    def give() -> None:
        (one,) = services.backchannel.list_of(person.user_id)
        services.backchannel.allow(one, person, SCOPES)
        db.session.commit()

    return give


@pytest.fixture
def hear(services: Services, bank: App, db: Any) -> Callable[..., Any]:
    def give(begun: Begun, app: App = bank) -> Any:
        try:
            granted = services.backchannel.redeem(begun.auth_req_id, app=app)
        finally:
            db.session.commit()
        return granted

    return give

"""docs/what-ends-what.md, row by row: sessions, tokens, and who is told."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from authserver.clock import FrozenClock
from authserver.core.apps import App
from authserver.core.challenges import Purpose
from authserver.errors import GrantReplayed
from authserver.models import Client, Passkey, User
from authserver.services import Services
from tests.core.conftest import CALLBACK, PASSWORD
from tests.core.two_devices import World, device, listening, redeem

DOCUMENT = Path(__file__).parents[2] / "docs" / "what-ends-what.md"
BETTER = "seven violet anchors beneath the tide"


def table() -> dict[str, list[str]]:
    """Read the rows of the document: what happens, and what is left."""
    lines = re.findall(r"^\|(.+)\|$", DOCUMENT.read_text(), re.MULTILINE)
    rows = [[cell.strip() for cell in line.split("|")] for line in lines[2:]]
    return {what: cells for what, *cells in rows}


@pytest.fixture
def world(
    services: Services, db: Any, ada: User, shop: App, clock: FrozenClock
) -> World:
    row, _ = services.clients.register(
        name="Desk", redirect_uris=[CALLBACK], extra=listening("desk")
    )
    known = db.session.query(Client).filter_by(client_id=shop.client_id).one()
    known.extra = listening("shop")
    db.session.commit()
    services.clients.cache.clear()
    desk = services.clients.find(row.client_id)
    assert desk is not None
    devices = [device(services, db, ada, app) for app in (shop, desk)]
    services.consents.remember(ada.id, shop.id, ["openid"])
    db.session.commit()
    return World(services, db, ada, *devices, clock=clock)


# -- What may happen


def sign_out(world: World) -> None:
    world.services.sessions.revoke(
        world.here.session_id, user_id=world.user.id, because="signed out"
    )


def end_by_operator(world: World) -> None:
    world.services.whereabouts.end(world.here.session_id, user_id=None, because="asked")


def sign_out_elsewhere(world: World) -> None:
    world.services.whereabouts.end_others(world.user.id, current=world.here.session_id)


def change_password(world: World) -> None:
    world.services.password_change.change(
        world.user.id, current=PASSWORD, new=BETTER, session_id=world.here.session_id
    )


def reset_password(world: World) -> None:
    issued = world.services.challenges.issue(
        Purpose.RESET_PASSWORD,
        world.user.id,
        ttl=timedelta(hours=1),
        email=world.user.email,
    )
    world.services.recovery.reset(issued.token, BETTER)


def lock(world: World) -> None:
    world.services.administration.lock(world.operator, world.user.id, reason=None)


def disable(world: World) -> None:
    wishes = {"status": "disabled"}
    world.services.administration.edit(world.operator, world.user.id, wishes)


def delete_account(world: World) -> None:
    world.services.deletion.leave(
        world.user.id, session_id=world.here.session_id, password=PASSWORD
    )


def sign_out_by_operator(world: World) -> None:
    world.services.administration.sign_out(world.operator, world.user.id, reason=None)


def sign_everybody_out(world: World) -> None:
    assert world.services.sessions.revoke_everybody(because="an incident") == 2


def disown(world: World) -> None:
    issued = world.services.challenges.issue(
        Purpose.DISOWN,
        world.user.id,
        ttl=timedelta(hours=1),
        session_id=str(world.here.session_id),
    )
    world.services.rescue.disown(issued.token)


def replay_code(world: World) -> None:
    with pytest.raises(GrantReplayed):
        redeem(world.services, world.here.app, world.here.code)


def replay_refresh_token(world: World) -> None:
    def rotate() -> None:
        world.services.refresh.rotate(
            world.here.offline_refresh, app=world.here.app, scopes=()
        )

    rotate()
    world.db.session.commit()
    world.clock.advance(minutes=5)
    with pytest.raises(GrantReplayed):
        rotate()


def revoke_by_app(world: World) -> None:
    world.services.checks.revoke(world.here.access, app=world.here.app)


def remove_app(world: World) -> None:
    world.services.app_grants.withdraw(world.user.id, world.here.app.client_id)


def delete_app(world: World) -> None:
    world.services.clients.delete(world.here.app.client_id)


def remove_passkey(world: World, services: Services | None = None) -> None:
    row = Passkey(
        id=uuid.uuid4(),
        user_id=world.user.id,
        credential_id="c",
        public_key="k",
        sign_count=0,
        aaguid="",
        is_synced=True,
        name="Telephone",
    )
    world.db.session.add(row)
    world.db.session.flush()
    passkeys = (services or world.services).passkeys
    passkeys.remove(world.user.id, world.here.session_id, passkey_id=row.id)


def remove_passkey_strictly(world: World) -> None:
    core = world.services
    settings = replace(core.settings, factor_change_signs_out=True)
    sessions = replace(core.sessions, settings=settings)
    remove_passkey(world, replace(core, sessions=sessions))


HAPPENS: dict[str, Callable[[World], None]] = {
    "the person signs out": sign_out,
    "an operator ends the session": end_by_operator,
    "the person signs out everywhere else": sign_out_elsewhere,
    "the password is changed": change_password,
    "the password is reset by mail": reset_password,
    "the account is locked": lock,
    "the account is disabled": disable,
    "the account is deleted": delete_account,
    "an operator signs the person out": sign_out_by_operator,
    "an operator signs everybody out": sign_everybody_out,
    "the person says that this sign-in was not theirs": disown,
    "an authorization code comes twice": replay_code,
    "a refresh token comes twice": replay_refresh_token,
    "an app revokes its token": revoke_by_app,
    "the person removes the app of this session": remove_app,
    "an operator deletes the app of this session": delete_app,
    "a passkey is removed": remove_passkey,
    "a passkey is removed, with `FACTOR_CHANGE_SIGNS_OUT`": remove_passkey_strictly,
}


def test_the_document_and_the_tests_have_the_same_rows() -> None:
    assert list(table()) == list(HAPPENS)


def test_before_anything_happens_everything_is_there(world: World) -> None:
    assert world.left() == ["stays", "stay", "stay"] * 2 + ["nobody"]


@pytest.mark.parametrize("what", HAPPENS)
def test_what_is_left_is_what_the_document_says(world: World, what: str) -> None:
    HAPPENS[what](world)
    world.db.session.commit()
    assert world.left() == table()[what]

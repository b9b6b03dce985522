"""A person who is signed in on two devices, and uses an app on each."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, replace
from typing import Any

from authserver.clock import FrozenClock
from authserver.core import subjects
from authserver.core.apps import App
from authserver.core.grants import Authorization
from authserver.core.subjects import Subject
from authserver.crypto import pkce
from authserver.models import Notice, User
from authserver.services import Services
from tests.core.conftest import CALLBACK, VERIFIER


@dataclass
class Device:
    """A session, and what an app was given in it."""

    app: App
    session_id: uuid.UUID
    cookie: str
    code: str
    access: str
    offline_access: str
    offline_refresh: str


@dataclass
class World:
    """A person on two devices, and an operator."""

    services: Services
    db: Any
    user: User
    here: Device
    there: Device
    clock: FrozenClock

    @property
    def operator(self) -> Subject:
        admin = self.services.people.add(
            email="root@example.test", verified=True, roles=["super_admin"]
        )
        self.db.session.flush()
        return subjects.load(self.db.session, admin.id)

    def left(self) -> list[str]:
        """Look at everything, and write it as the document does."""
        told = {
            row.session_id
            for row in self.db.session.query(Notice).filter_by(kind="logout")
        }
        names = {
            frozenset(): "nobody",
            frozenset({self.here.session_id}): "apps of this session",
            frozenset({self.there.session_id}): "apps of the other session",
        }
        both = frozenset({self.here.session_id, self.there.session_id})
        words = names | {both: "all apps"}
        return [*self._of(self.here), *self._of(self.there), words[frozenset(told)]]

    def _of(self, device: Device) -> list[str]:
        goes_on = self.services.sessions.find(device.cookie) is not None
        offline = {self._is_good(device, device.offline_access)}
        offline.add(self._is_good(device, device.offline_refresh))
        assert len(offline) == 1, "they live and die together"
        alive = self._is_good(device, device.access)
        return [
            "stays" if goes_on else "ends",
            "stay" if alive else "end",
            "stay" if offline.pop() else "end",
        ]

    def _is_good(self, device: Device, token: str) -> bool:
        said = self.services.checks.introspect(token, caller=device.app)
        return said["active"] is True


def listening(name: str) -> dict[str, str]:
    return {"backchannel_logout_uri": f"https://{name}.example.test/logout"}


def device(services: Services, db: Any, user: User, app: App) -> Device:
    """Sign in, and take an app along, with `offline_access` and without."""
    session, cookie = services.sessions.start(user, amr=["pwd"], remember=False)
    given = Authorization(
        user_id=user.id,
        session_id=session.id,
        redirect_uri=CALLBACK,
        scopes=("openid", "email"),
        auth_time=session.auth_time,
        acr=session.acr,
        amr=session.amr,
        challenge=pkce.challenge_of(VERIFIER),
    )
    db.session.commit()
    code = services.grants.issue_code(app, given)
    plain = redeem(services, app, code)
    long = replace(given, scopes=("openid", "offline_access"))
    offline = redeem(services, app, services.grants.issue_code(app, long))
    db.session.commit()
    return Device(
        app=app,
        session_id=session.id,
        cookie=cookie,
        code=code,
        access=plain["access_token"],
        offline_access=offline["access_token"],
        offline_refresh=offline["refresh_token"],
    )


def redeem(services: Services, app: App, code: str) -> dict[str, Any]:
    grant = services.grants.redeem_code(
        code, app=app, redirect_uri=CALLBACK, verifier=VERIFIER
    )
    return services.tokens.answer(services.refresh.with_first(grant))

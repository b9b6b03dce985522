"""Which clients the browser tells of a logout (OIDC Front-Channel Logout 1.0)."""

import uuid
from dataclasses import dataclass
from urllib.parse import urlencode, urlsplit

from sqlalchemy import select
from sqlalchemy.orm import Session as DbSession
from sqlalchemy.orm import scoped_session

from authserver.config import Settings
from authserver.core.apps import App
from authserver.core.clients import Clients
from authserver.core.sectors import Sectors
from authserver.models import Client, TokenFamily

FRONT_CHANNEL = "frontchannel_logout_uri"


@dataclass(frozen=True)
class LogoutFrames:
    """Knows whom the page of a logout has to load."""

    db: scoped_session[DbSession]
    settings: Settings
    clients: Clients
    sectors: Sectors

    def of(self, session_id: uuid.UUID) -> list[str]:
        """Give the addresses of a session's clients, each with ``iss`` and ``sid``.

        Both are there always: a client that asked for neither ignores them (§2).
        """
        address = Client.extra[FRONT_CHANNEL].as_string()
        found = self.db.scalars(
            select(Client.client_id)
            .join(TokenFamily, TokenFamily.client_id == Client.id)
            .where(
                TokenFamily.session_id == session_id,
                address.is_not(None),
                Client.disabled_at.is_(None),
            )
            .distinct()
        )
        apps = (self.clients.find(client_id) for client_id in found)
        return sorted(self._frame(app, session_id) for app in apps if app is not None)

    def _frame(self, app: App, session_id: uuid.UUID) -> str:
        sid = self.sectors.sid_of(app, session_id)
        said = urlencode({"iss": self.settings.issuer, "sid": sid})
        return _with_query(app.extra[FRONT_CHANNEL], said)


def origins(frames: list[str]) -> list[str]:
    """Give where they lie, each once: the page may load from nowhere else."""
    parts = [urlsplit(uri) for uri in frames]
    return sorted({f"{part.scheme}://{part.netloc}" for part in parts})


def _with_query(uri: str, said: str) -> str:
    mark = "" if uri.endswith(("?", "&")) else ("&" if "?" in uri else "?")
    return f"{uri}{mark}{said}"

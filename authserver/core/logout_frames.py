"""Which clients the browser tells of a logout (OIDC Front-Channel Logout 1.0)."""

import uuid
from dataclasses import dataclass
from urllib.parse import urlencode, urlsplit

from sqlalchemy import select
from sqlalchemy.orm import Session as DbSession
from sqlalchemy.orm import scoped_session

from authserver.config import Settings
from authserver.models import Client, TokenFamily

FRONT_CHANNEL = "frontchannel_logout_uri"


@dataclass(frozen=True)
class LogoutFrames:
    """Knows whom the page of a logout has to load."""

    db: scoped_session[DbSession]
    settings: Settings

    def of(self, session_id: uuid.UUID) -> list[str]:
        """Give the addresses of a session's clients, each with ``iss`` and ``sid``.

        Both are there always: a client that asked for neither ignores them (§2).
        """
        address = Client.extra[FRONT_CHANNEL].as_string()
        found = self.db.scalars(
            select(address)
            .join(TokenFamily, TokenFamily.client_id == Client.id)
            .where(
                TokenFamily.session_id == session_id,
                address.is_not(None),
                Client.disabled_at.is_(None),
            )
            .distinct()
        )
        said = urlencode({"iss": self.settings.issuer, "sid": str(session_id)})
        return sorted(_with_query(uri, said) for uri in found)


def origins(frames: list[str]) -> list[str]:
    """Give where they lie, each once: the page may load from nowhere else."""
    parts = [urlsplit(uri) for uri in frames]
    return sorted({f"{part.scheme}://{part.netloc}" for part in parts})


def _with_query(uri: str, said: str) -> str:
    mark = "" if uri.endswith(("?", "&")) else ("&" if "?" in uri else "?")
    return f"{uri}{mark}{said}"

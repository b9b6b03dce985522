"""Admin: figures, the state of the system, clean-up, everybody out."""

from typing import Any

from flask import request

from authserver import __version__
from authserver.api import actors
from authserver.api.endpoint import endpoint
from authserver.api.schemas import admin_system as schemas
from authserver.config import origins
from authserver.core.audit import EventTag
from authserver.core.doctor import Visit
from authserver.http.context import services, settings


@endpoint(gives=schemas.StatsResponse, who="stats:read")
def stats() -> dict[str, Any]:
    """Give figures: people, sessions, sign-ins, and thirty days of them."""
    return services().overview.figures()


@endpoint(gives=schemas.StatusResponse, who="maintenance:read")
def status() -> dict[str, Any]:
    """Say how the system is: what it needs, its keys, its mail, what could be cleaned."""
    figures = services().overview.figures()
    kind = settings().database_url.partition(":")[0].partition("+")[0]
    return {
        "version": __version__,
        "checks": services().readiness(),
        "database": kind,
        "keys": [
            {"kid": row.kid, "alg": row.alg, "state": row.state}
            for row in services().keys.list_all()
        ],
        "outbox": {
            "waiting": figures["lettersWaiting"],
            "failed": figures["lettersFailed"],
        },
        "attention": services().attention.concerns(),
        "cleanup": services().housekeeping.waiting(),
        "left": services().housekeeping.left(),
    }


@endpoint(
    takes=schemas.CleanupRequest, gives=schemas.CleanupResponse, who="maintenance:run"
)
def cleanup(batches: int) -> dict[str, Any]:
    """Remove what has expired, in batches that nobody has to wait for.

    Each batch is a transaction of its own in the background's manner; what one call
    does not finish, the next goes on with.
    """
    removed, is_done = services().housekeeping.clean(batches)
    services().audit.record(
        EventTag.CLEANED_UP, actor_id=actors.current().id, removed=removed
    )
    return {"removed": removed, "isDone": is_done}


@endpoint(
    takes=schemas.RevokeAllRequest,
    gives=schemas.RevokeAllResponse,
    who="sessions:revoke_all",
)
def revoke_all(confirm: str, reason: str | None) -> dict[str, int]:
    """Sign everybody out of everything, the caller too.

    Sessions and every token of every app end at once; JWTs that resource servers check
    by themselves die within their life of minutes.
    """
    del confirm
    by = actors.current().subject
    ended = services().session_ending.end_everybody(by, reason=reason)
    return {"sessions": ended}


@endpoint(gives=schemas.DoctorResponse, who="maintenance:read")
def doctor() -> dict[str, Any]:
    """Look at everything that this node needs, as `authserver doctor` does.

    Each finding says what is so and, where something is wrong, the cure. No finding
    repeats a secret. What was seen a quarter of a minute ago is not looked at again.
    """
    seen = services().doctor.examine(Visit(request.scheme, request.host))
    return {"ok": seen.is_ok, "at": seen.at, "checks": seen.findings}


@endpoint(gives=schemas.SettingResponse, many=True, who="settings:read")
def list_settings() -> list[origins.SeenSetting]:
    """List the settings in force, and where each comes from.

    Of a secret it says whether it is set, and no more. Settings are read at the start:
    another value holds once the server was started again.
    """
    return origins.seen(settings())


ROUTES = (
    ("GET", "/admin/stats", stats),
    ("GET", "/admin/maintenance/status", status),
    ("POST", "/admin/maintenance/cleanup", cleanup),
    ("POST", "/admin/sessions/revoke-all", revoke_all),
    ("GET", "/admin/maintenance/doctor", doctor),
    ("GET", "/admin/settings", list_settings),
)

"""The system: what it needs, its mail, what is over; clean-up."""

from collections.abc import Sequence
from typing import Any

from flask import Response, url_for
from flask_babel import gettext, lazy_gettext

from authserver import __version__
from authserver.console import asking, doctor, operators, settings_seen, show
from authserver.console.room import Room, Screen
from authserver.core.audit import EventTag
from authserver.core.housekeeping import MOST_COUNTED
from authserver.core.logs import LogWanted
from authserver.http.context import services, settings

BATCHES = 10
"""How much one press of the button does; each takes at most 500 rows of every table."""

RUNS_SHOWN = 5

CHECKS = {"database": lazy_gettext("Database"), "keys": lazy_gettext("Keys")} | {
    "limits": lazy_gettext("Limits")
}
"""What the server needs, by the name of ``readiness``."""

MOODS = {"ok": "good", "degraded": "warn"}


def show_system() -> Response:
    """Show how it is."""
    figures = services().overview.figures()
    left = services().housekeeping.left()
    return show.render(
        "system",
        title=lazy_gettext("System"),
        version=__version__,
        database=settings().database_url.partition(":")[0].partition("+")[0],
        checks=[
            {"name": CHECKS.get(name, name), "said": said, "mood": _mood(said)}
            for name, said in services().readiness().items()
        ],
        letters={
            "waiting": figures["lettersWaiting"],
            "failed": figures["lettersFailed"],
        },
        over=[
            {"table": table, "rows": rows, "is_more": rows >= MOST_COUNTED}
            for table, rows in sorted(left.items())
        ],
        runs=[_run(one) for one in _runs()],
        links=doctor.tabs()
        | {
            "clean": show.allowed("maintenance:run", "console.clean_up"),
            "outbox": show.allowed("mail:read", "console.list_letters"),
        },
    )


def _runs() -> Sequence[Any]:
    wanted = LogWanted(event=EventTag.CLEANED_UP.value)
    return services().logs.events(wanted, limit=RUNS_SHOWN).rows


def _run(one: Any) -> dict[str, Any]:
    removed = one.facts.get("removed") or {}
    return {"when": show.moment(one.created_at), "rows": sum(removed.values())}


def _mood(said: str) -> str:
    return MOODS.get(said, "bad")


def clean_up() -> Response:
    """Remove what is over, as far as one press goes."""
    question = asking.Question(
        title=gettext("Clean up"),
        words=gettext(
            "What has expired is removed, as every serving process does by itself."
        ),
        submit=gettext("Clean up"),
        back=url_for("console.show_system"),
    )

    def act(reason: str | None) -> Response:
        removed, is_done = services().housekeeping.clean(BATCHES)
        facts: dict[str, Any] = {"actor_id": operators.current().id, "reason": reason}
        services().audit.record(EventTag.CLEANED_UP, removed=removed, **facts)
        done = "cleaned" if is_done else "cleaned-some"
        return show.back_to("console.show_system", done, count=sum(removed.values()))

    return asking.ask(question, act)


ROOM = Room(
    name="system",
    title=lazy_gettext("System"),
    screens=(
        Screen(
            "/system", show_system, "maintenance:read", "GET /admin/maintenance/status"
        ),
        Screen(
            "/system/clean",
            clean_up,
            "maintenance:run",
            "POST /admin/maintenance/cleanup",
            posts=True,
        ),
        *doctor.SCREENS,
        *settings_seen.SCREENS,
    ),
    done={
        "cleaned": lazy_gettext("Rows removed: %(num)s. Nothing is left."),
        "cleaned-some": lazy_gettext("Rows removed: %(num)s. There is more."),
    },
)

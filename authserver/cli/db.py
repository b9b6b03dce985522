"""`authserver db`: upgrade, status, verify, sql, adopt.  Nothing here runs by itself.

Exit status: 0 all is well; 1 the database is not as it should be; 2 a fault.
"""

import sys
from typing import Any

import click

from authserver.app import create_app
from authserver.cli.frame import emit, json_option, settings
from authserver.config import Settings
from authserver.models import db as tables
from authserver.models import migrations
from authserver.models.migrations import Kind
from authserver.services import Services


@click.group("db")
def db() -> None:
    """The database: where it is, and how it gets on."""


@db.command()
@click.option("--yes", is_flag=True, help="Ask no question.")
@json_option
def upgrade(*, yes: bool, as_json: bool) -> None:
    """Run the steps that wait, make the first keys and the first administrator."""
    chosen = settings()
    found = migrations.state(chosen)
    if found.kind is Kind.BEHIND and not yes and sys.stdin.isatty():
        click.confirm(f"{found} Is there a backup?", abort=True, err=True)
    applied = migrations.upgrade(chosen)
    result = {"state": "current", "applied": applied, **furnish(chosen)}
    emit(result, as_json=as_json, text=told(result))


def furnish(chosen: Settings) -> dict[str, Any]:
    """Make the keys and the administrator that are missing; one process at a time."""
    app = create_app(chosen, may_create_key=True)
    with app.app_context():
        migrations.take_turn(tables.session.connection())
        services: Services = app.extensions["services"]
        made = {"keys": services.keys.ensure(), "setup": services.people.ensure_admin()}
        tables.session.commit()
    return made


def told(result: dict[str, Any]) -> str:
    """Say what an upgrade did."""
    lines = [f"Ran {', '.join(result['applied'])}."] if result["applied"] else []
    if result["keys"]:
        lines.append(f"Made keys: {', '.join(result['keys'])}.")
    if result["setup"]:
        lines.append(f"Become the administrator, once, within a day: {result['setup']}")
    return "\n".join([*lines, "The database is current."])


@db.command()
@json_option
def status(*, as_json: bool) -> None:
    """Say where the database is, and what is waiting."""
    found = migrations.state(settings())
    result = {
        "state": found.kind,
        "revision": found.revision,
        "waiting": found.waiting,
        "cure": None if found.is_current else str(found),
    }
    emit(result, as_json=as_json, text=str(found))
    sys.exit({Kind.CURRENT: 0, Kind.UNREACHABLE: 2}.get(found.kind, 1))

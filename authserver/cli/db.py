"""`authserver db`: upgrade, status, verify, sql, adopt.  Nothing here runs by itself.

Exit status: 0 all is well; 1 the database is not as it should be; 2 a fault.
"""

import sys
from typing import Any

import click

from authserver.cli.frame import emit, json_option, settings
from authserver.config import Settings
from authserver.errors import ConfigError, Conflict
from authserver.http.application import create_core
from authserver.models import adoption, differences, migrations
from authserver.models import db as tables
from authserver.models.differences import Difference, Weight
from authserver.models.state import Kind, State, connection_to, plainly
from authserver.services import Services

NOTHING = "-- Nothing is waiting."
EXITS = {Kind.CURRENT: 0, Kind.UNREACHABLE: 2}


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
    """Make the keys and the administrator that are missing; one process at a time.

    What an older service kept in the clear is sealed.
    """
    app = create_core(chosen, may_create_key=True)
    with app.app_context(), plainly():
        migrations.take_turn(tables.session.connection())
        services: Services = app.extensions["services"]
        services.clients.ensure_own()
        services.sectors.ensure()
        made: dict[str, Any] = {"keys": services.keys.ensure(), "setup": None}
        try:
            made["setup"] = services.people.ensure_admin()
        except Conflict:
            made["admin_is_missing"] = True
        # Also after an adoption that was cut off half way.
        sealed, unreadable = services.mfa.take_over()
        tables.session.commit()
    return made | {"mfa_sealed": sealed, "mfa_unreadable": unreadable}


def told(result: dict[str, Any]) -> str:
    """Say what an upgrade did."""
    lines = [f"Ran {', '.join(result['applied'])}."] if result["applied"] else []
    if result["keys"]:
        lines.append(f"Made keys: {', '.join(result['keys'])}.")
    if result["setup"]:
        lines.append(f"Become the administrator, once, within a day: {result['setup']}")
    if result.get("admin_is_missing"):
        lines.append(
            "Nobody is an administrator, and another holds ADMIN_EMAIL or "
            "ADMIN_USERNAME: set them to what is free, and run this again."
        )
    if unreadable := result.get("mfa_unreadable"):
        lines.append(f"{unreadable} people must set up their second factor anew.")
    return "\n".join([*lines, "The database is current."])


@db.command()
@json_option
def status(*, as_json: bool) -> None:
    """Say where the database is, and what is waiting."""
    found = migrations.state(settings())
    emit(facts(found), as_json=as_json, text=str(found))
    sys.exit(EXITS.get(found.kind, 1))


def facts(found: State) -> dict[str, Any]:
    """Give what is shown of a state."""
    return {
        "state": found.kind,
        "revision": found.revision,
        "waiting": found.waiting,
        "cure": None if found.is_current else str(found),
    }


@db.command()
@json_option
def verify(*, as_json: bool) -> None:
    """Compare every column with what the server expects; notes do no harm."""
    chosen = settings()
    found, listed = migrations.state(chosen), []
    if found.kind in (Kind.CURRENT, Kind.BEHIND, Kind.AHEAD):
        with plainly(), connection_to(chosen) as connection:
            listed = differences.compare(connection)
    result = facts(found) | {"differences": [difference(d) for d in listed]}
    emit(result, as_json=as_json, text="\n".join(map(str, [*listed, found])))
    is_whole = all(d.weight is Weight.NOTE for d in listed)
    sys.exit(EXITS.get(found.kind, 1) or (0 if is_whole else 1))


def difference(found: Difference) -> dict[str, Any]:
    """Give what is shown of a difference."""
    return {
        "weight": found.weight,
        "table": found.table,
        "column": found.column,
        "what": found.what,
        "cure": found.cure or None,
    }


@db.command()
@click.option("--from-scratch", is_flag=True, help="All steps; no database is asked.")
@click.option(
    "--dialect",
    type=click.Choice(["postgresql", "sqlite"]),
    help="With --from-scratch; the one of DATABASE_URL when not given.",
)
@json_option
def sql(*, from_scratch: bool, dialect: str | None, as_json: bool) -> None:
    """Print what `upgrade` would run, as SQL to read or to hand on."""
    start = None
    if not from_scratch:
        found = migrations.state(settings())
        if found.kind not in (Kind.CURRENT, Kind.BEHIND, Kind.EMPTY):
            raise ConfigError(str(found))
        start = found.revision
    if dialect is None or not from_scratch:
        dialect = settings().database_url.partition(":")[0].partition("+")[0]
    is_done = start == migrations.revisions()[-1]
    written = NOTHING if is_done else migrations.script(dialect, start=start)
    emit({"from": start, "sql": written}, as_json=as_json, text=written.rstrip("\n"))


@db.command()
@click.option("--yes", is_flag=True, help="Do it; without, it is only shown.")
@json_option
def adopt(*, yes: bool, as_json: bool) -> None:
    """Take over an older service's schema: checked, then only added to."""
    chosen = settings()
    found = migrations.state(chosen)
    if found.kind is not Kind.FOREIGN:
        emit(facts(found), as_json=as_json, text=f"There is nothing to adopt. {found}")
        sys.exit(EXITS.get(found.kind, 1))
    plan = adoption.adopt(chosen) if yes else adoption.look(chosen)
    is_done = yes and not plan.blocked
    result: dict[str, Any] = {
        "adopted": is_done,
        "blocked": [difference(d) for d in plan.blocked],
        "notes": [difference(d) for d in plan.notes],
        "steps": plan.steps,
    }
    if is_done:
        result |= furnish(chosen)
    emit(result, as_json=as_json, text=told_of(plan, is_done=is_done, result=result))
    sys.exit(1 if plan.blocked else 0)


def told_of(plan: adoption.Plan, *, is_done: bool, result: dict[str, Any]) -> str:
    """Say what an adoption did or would do."""
    lines = [str(d) for d in (*plan.notes, *plan.blocked)]
    if plan.blocked:
        return "\n".join([*lines, "Nothing was changed: cure what is wrong first."])
    lines += [f"{step};" for step in plan.steps]
    if is_done:
        return "\n".join([*lines, told({"applied": [], **result})])
    return "\n".join(
        [*lines, "Nothing was changed yet: `--yes` runs these statements."]
    )

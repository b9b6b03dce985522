"""`authserver config`: what operators keep in the database, as a file."""

import json
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import Any

import click
from sqlalchemy.exc import IntegrityError

from authserver.cli import config_file
from authserver.cli.config_file import Document, Fault
from authserver.cli.config_yaml import MAX_BYTES
from authserver.cli.frame import core, emit, json_option
from authserver.core.blueprint_parts import Change, Outcome
from authserver.errors import ConfigError
from authserver.models import db
from authserver.services import Services

DRIFT, FAULTY = 2, 1
SIGNS = {"create": "+", "change": "~", "delete": "-"}

# Opened by us: of a usage error the status would be that of a drift.
file_argument = click.argument("file", metavar="FILE")
prune_option = click.option(
    "--prune", is_flag=True, help="Remove what the file's sections do not have."
)


@dataclass(frozen=True)
class Report:
    """What a file came to, with the line of each fault."""

    outcome: Outcome
    faults: list[Fault]
    is_kept: bool = False


@click.group()
def config() -> None:
    """What operators keep: clients, streams, roles, institutions, APIs, brand."""


@config.command()
def export() -> None:
    """Print everything as YAML; no secret is in it."""
    with _core() as services:
        exported = services.blueprint.export()
    click.echo(config_file.write(exported), nl=False)


@config.command()
@file_argument
@prune_option
@json_option
def plan(*, file: str, prune: bool, as_json: bool) -> None:
    """Say what `apply` would do; change nothing.

    Exit status: 0 nothing to do, 2 something to do, 1 the file is at fault.
    """
    report = _work(file, prune=prune)
    _tell(report, file, as_json=as_json)
    sys.exit(_status(report))


@config.command()
@file_argument
@json_option
def diff(*, file: str, as_json: bool) -> None:
    """Say in what a file and the server differ, also what is here and not in the file.

    Exit status: 0 in nothing, 2 in something, 1 the file is at fault.
    """
    report = _work(file)
    _tell(report, file, as_json=as_json, with_strangers=True)
    sys.exit(_status(report, with_strangers=True))


@config.command()
@file_argument
@prune_option
@click.option("--yes", "is_meant", is_flag=True, help="Do it; else this is `plan`.")
@json_option
def apply(*, file: str, prune: bool, is_meant: bool, as_json: bool) -> None:
    """Make the server as a file has it, in one transaction.

    A secret that is made for a new client is told here, once.
    Exit status: 0 done, or nothing to do; 1 the file is at fault and nothing was
    changed; 2 without --yes there is something to do.
    """
    report = _work(file, prune=prune, is_meant=is_meant)
    _tell(report, file, as_json=as_json)
    sys.exit(0 if report.is_kept else _status(report))


def _read(file: str) -> Document:
    try:
        with click.open_file(file, "rb") as opened:
            return config_file.read(opened.read(MAX_BYTES + 1))
    except OSError as why:
        raise click.ClickException(f"{file} cannot be read: {why.strerror}.") from None


@contextmanager
def _core() -> Iterator[Services]:
    """Give the core; what goes wrong ends with a status that is not that of a drift."""
    try:
        with core() as services:
            yield services
    except ConfigError as why:
        raise click.ClickException(str(why)) from None
    except IntegrityError:
        said = "Somebody else changed the same at the same moment. Nothing was changed."
        raise click.ClickException(said) from None


def _work(file: str, *, prune: bool = False, is_meant: bool = False) -> Report:
    document = _read(file)
    with _core() as services:
        # Of a file that cannot be read whole nobody knows what it leaves out.
        report = _tried(services, document, prune=prune and not document.faults)
        db.session.rollback()
        if not is_meant or report.faults:
            return report
        # Other servers are asked before anything is written.
        pictures = _pictures(services, report.outcome.changes)
        report = _tried(services, document, prune=prune, pictures=pictures)
        if report.faults:
            db.session.rollback()
    return Report(report.outcome, report.faults, is_kept=not report.faults)


def _tried(services: Services, document: Document, **how: Any) -> Report:
    outcome = services.blueprint.apply(document.sections, **how)
    return Report(outcome, document.located(outcome.flaws))


def _pictures(services: Services, changes: Iterable[Change]) -> dict[str, bytes | None]:
    found = (change.fields.get("logo_uri", (None, None))[1] for change in changes)
    return {uri: services.logos.fetch(uri) for uri in found if uri}


def _status(report: Report, *, with_strangers: bool = False) -> int:
    if report.faults:
        return FAULTY
    differs = report.outcome.changes or (with_strangers and report.outcome.strangers)
    return DRIFT if differs else 0


def _tell(
    report: Report, name: str, *, as_json: bool, with_strangers: bool = False
) -> None:
    # Of a file at fault nobody knows what it leaves out.
    is_asked = with_strangers and not report.faults
    strangers = report.outcome.strangers if is_asked else []
    if as_json:
        emit(_facts(report, strangers), as_json=True)
        return
    for fault in report.faults:
        place = f"{name}:{fault.line}" if fault.line else name
        words = [place, fault.where, fault.said]
        click.echo(_plain(": ".join(word for word in words if word)), err=True)
    if report.faults:
        click.echo("Nothing was changed.", err=True)
        return
    for line in _lines(report, strangers):
        click.echo(_plain(line))


def _lines(report: Report, strangers: list[tuple[str, str]]) -> Iterable[str]:
    changes = report.outcome.changes
    for change in changes:
        yield f"{SIGNS[change.action]} {change.section} {change.key}"
        for name, (before, after) in change.fields.items():
            if change.action == "change":
                yield f"    {name}: {_json(before)} -> {_json(after)}"
    for section, key in strangers:
        yield f"? {section} {key} is not in the file"
    if report.is_kept:
        for client_id, secret in report.outcome.secrets.items():
            yield f"client_id={client_id}  client_secret={secret}"
    if not changes and not strangers:
        yield "Nothing to do."
        return
    kinds = [f"{sum(c.action == a for c in changes)} to {a}" for a in SIGNS]
    yield f"Done: {len(changes)}." if report.is_kept else f"{', '.join(kinds)}."


def _facts(report: Report, strangers: list[tuple[str, str]]) -> dict[str, Any]:
    outcome = report.outcome
    changes = [
        {
            "section": change.section,
            "key": change.key,
            "action": change.action,
            "fields": {
                name: {"before": before, "after": after}
                for name, (before, after) in change.fields.items()
            },
        }
        for change in outcome.changes
    ]
    return {
        "applied": report.is_kept,
        "changes": [] if report.faults else changes,
        "not_in_file": [{"section": s, "key": key} for s, key in strangers],
        "faults": [asdict(fault) for fault in report.faults],
        "client_secrets": outcome.secrets if report.is_kept else {},
    }


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True)


def _plain(line: str) -> str:
    """Write what a terminal would obey as what it is."""
    return "".join(sign if sign.isprintable() else ascii(sign)[1:-1] for sign in line)

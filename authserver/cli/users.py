"""`authserver user`: add people, take over those of another service, list them."""

import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click
from sqlalchemy import select

from authserver.cli import user_file
from authserver.cli.frame import core, emit, json_option
from authserver.core.user_import import Report
from authserver.models import User, db


@click.group()
def user() -> None:
    """People who sign in."""


@user.command()
@click.option("--email", required=True)
@click.option("--username")
@click.option("--full-name")
@click.option("--password", help="Seen by others in the process list: use stdin.")
@click.option("--password-stdin", is_flag=True, help="Read it from standard input.")
@click.option("--verified", is_flag=True, help="The address is known to be theirs.")
@click.option("--role", "roles", multiple=True)
@click.option("--institution", "institutions", multiple=True)
@click.option(
    "--claims-file",
    type=click.Path(exists=True, path_type=Path),
    help="JSON of further standard claims (OIDC Core §5.1).",
)
@json_option
def create(
    *,
    password: str | None,
    password_stdin: bool,
    claims_file: Path | None,
    as_json: bool,
    **person: Any,
) -> None:
    """Add a person."""
    if password_stdin:
        password = sys.stdin.readline().rstrip("\n")
    claims = read_claims(claims_file) if claims_file else {}
    with core() as services:
        row = services.people.add(password=password, claims=claims, **person)
        found = facts(row)
    emit(found, as_json=as_json)


@user.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--format", "kind", type=click.Choice(["csv", "json"]))
@click.option("--dry-run", is_flag=True, help="Report, and keep nothing.")
@click.option("--skip-faulty", is_flag=True, help="Keep the lines without fault.")
@json_option
def import_users(
    *, file: Path, kind: str | None, dry_run: bool, skip_faulty: bool, as_json: bool
) -> None:
    """Take over people with the password hashes they have; see MIGRATION.md.

    All or nobody: with a fault in any line nothing is kept, unless --skip-faulty.
    Exit status: 0 kept, or a dry run without fault; 1 a fault and nothing kept.
    """
    kind = user_file.format_of(file, kind)
    # UTF-8 with or without the mark that spreadsheets put in front.
    with core() as services, file.open(encoding="utf-8-sig", newline="") as opened:
        report = services.user_import.take(user_file.records(opened, kind))
        is_kept = not dry_run and (skip_faulty or not report.faults)
        if not is_kept:
            db.session.rollback()
    result = {**asdict(report), "kept": is_kept, "dry_run": dry_run}
    emit(result, as_json=as_json, text=told(report, is_kept=is_kept))
    sys.exit(0 if is_kept or not report.faults else 1)


def told(report: Report, *, is_kept: bool) -> str:
    """Say what became of a file."""
    lines = [
        f"line {fault.line}: {fault.field or 'it'} {fault.message}"
        for fault in report.faults
    ]
    kinds = ", ".join(f"{kind} {n}" for kind, n in sorted(report.hashes.items()))
    lines.append(
        f"{report.read} read, {report.imported} without fault ({kinds or 'nobody'}), "
        f"{report.faulty} faulty."
    )
    lines.append("They are kept." if is_kept else "Nothing was kept.")
    return "\n".join(lines)


@user.command("list")
@click.option("--limit", default=100, show_default=True)
@json_option
def list_users(*, limit: int, as_json: bool) -> None:
    """List people, the newest first."""
    with core():
        rows = db.session.scalars(
            select(User).order_by(User.created_at.desc()).limit(limit)
        )
        found = [facts(row) for row in rows]
    emit(found, as_json=as_json)


def read_claims(path: Path) -> dict[str, Any]:
    """Read the claims of a file; what is no JSON object is refused in one line."""
    try:
        claims = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        claims = None
    if not isinstance(claims, dict):
        raise click.BadParameter("holds no JSON object.", param_hint="--claims-file")
    return claims


def facts(row: User) -> dict[str, Any]:
    """Give what is shown of a person."""
    return {
        "id": row.id,
        "email": row.email,
        "username": row.username,
        "full_name": row.full_name,
        "status": row.status,
        "is_email_verified": row.is_email_verified,
        "created_at": row.created_at,
    }

"""`authserver notices`: what clients are told of ended sessions."""

from typing import Any

import click
from sqlalchemy import select

from authserver.cli.frame import core, emit, json_option, settings
from authserver.http.application import create_core
from authserver.http.notifying import Notifying
from authserver.models import Client, Notice, migrations


@click.group()
def notices() -> None:
    """Clients that are told that a session has ended."""


@notices.command("list")
@click.option("--failed", is_flag=True, help="Only what was given up.")
@click.option("--limit", type=click.IntRange(1, 5000), default=50)
@json_option
def list_notices(*, failed: bool, limit: int, as_json: bool) -> None:
    """Show the latest, and how each went."""
    found = (
        select(Notice, Client.client_id)
        .join(Client, Client.id == Notice.client_id)
        .order_by(Notice.created_at.desc())
        .limit(limit)
    )
    if failed:
        found = found.where(Notice.status == "failed")
    with core() as services:
        rows = services.notices.db.execute(found)
        said = [facts(row, client_id) for row, client_id in rows]
    emit(said, as_json=as_json, text="" if said else "There are none.")


@notices.command()
@json_option
def deliver(*, as_json: bool) -> None:
    """Tell all that are due; for servers that run without `serve`."""
    chosen = settings()
    migrations.require_current(chosen)
    notifying, tried = Notifying(create_core(chosen)), 0
    while batch := notifying.notify_once():
        tried += batch
    emit({"tried": tried}, as_json=as_json, text=f"Tried {tried} notices.")


def facts(row: Notice, client_id: str) -> dict[str, Any]:
    """Give what is shown of a notice."""
    return {
        "id": row.id,
        "kind": row.kind,
        "client_id": client_id,
        "session_id": row.session_id,
        "status": row.status,
        "attempts": row.attempts,
        "created_at": row.created_at,
        "sent_at": row.sent_at,
        "last_error": row.last_error,
    }

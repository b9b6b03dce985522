"""What commands share: settings, the core in a transaction, answers as text or JSON."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import click

from authserver.config import Settings, load
from authserver.http.application import create_core
from authserver.models import db, migrations
from authserver.services import Services

json_option = click.option(
    "--json", "as_json", is_flag=True, help="Answer as one JSON value."
)


def settings() -> Settings:
    """Read the settings from the environment."""
    return load()


@contextmanager
def core() -> Iterator[Services]:
    """Give the core in one transaction, on a database that is as it should be.

    Raises:
        ConfigError: The settings or the database cannot work.
    """
    chosen = settings()
    migrations.require_current(chosen)
    app = create_core(chosen)
    with app.app_context():
        yield app.extensions["services"]
        db.session.commit()


def emit(result: Any, *, as_json: bool, text: str = "") -> None:
    """Print the result: as JSON, as the sentence given, or as lines of names."""
    if as_json:
        click.echo(json.dumps(result, default=str, ensure_ascii=False))
    elif text:
        click.echo(text)
    else:
        rows = result if isinstance(result, list) else [result]
        for row in rows:
            click.echo("  ".join(f"{k}={v}" for k, v in row.items() if v is not None))

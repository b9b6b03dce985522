"""`authserver keys`: list, rotate, retire signing keys."""

from typing import Any

import click

from authserver.cli.frame import core, emit, json_option
from authserver.core.keys import DEFAULT_ALG
from authserver.crypto import opening, signing
from authserver.models import StoredKey

ALGORITHMS = (*signing.ALGORITHMS, *opening.ALGORITHMS)


@click.group()
def keys() -> None:
    """Keys that sign, or open; a running server picks every change up by itself."""


@keys.command("list")
@json_option
def list_keys(*, as_json: bool) -> None:
    """List all keys with their states."""
    with core() as services:
        found = [facts(row) for row in services.keys.list_all()]
    emit(found, as_json=as_json)


@keys.command()
@click.option("--alg", type=click.Choice(ALGORITHMS), default=DEFAULT_ALG)
@click.option("--now", "at_once", is_flag=True, help="Do not wait for KEY_OVERLAP.")
@json_option
def rotate(*, alg: str, at_once: bool, as_json: bool) -> None:
    """Let the next key sign, retire the one that did, publish another."""
    with core() as services:
        found = facts(services.keys.rotate(alg, at_once=at_once))
    emit(found, as_json=as_json, text=f"{found['kid']} signs {alg} from now on.")


@keys.command()
@click.argument("kid")
@click.option("--now", "at_once", is_flag=True, help="Even if its tokens may live.")
@json_option
def retire(*, kid: str, at_once: bool, as_json: bool) -> None:
    """Take a retired key out of the JWKS."""
    with core() as services:
        services.keys.retire(kid, at_once=at_once)
    emit(
        {"kid": kid, "removed": True},
        as_json=as_json,
        text=f"{kid} is published no more.",
    )


def facts(row: StoredKey) -> dict[str, Any]:
    """Give what is shown of a key: never the private half."""
    return {
        "kid": row.kid,
        "alg": row.alg,
        "state": row.state,
        "created_at": row.created_at,
        "activated_at": row.activated_at,
        "retired_at": row.retired_at,
    }

"""The command: makes clients for the examination, examines, and takes them away."""

import secrets
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

import click

from authserver.adapters.fetcher import Fetcher
from authserver.cli.conformance import back_channel, documents, front_channel, report
from authserver.cli.conformance.lines import Mark, examine
from authserver.cli.conformance.probe import REDIRECT_URI, Credentials, Probe
from authserver.cli.frame import core, emit, json_option, settings
from authserver.clock import Clock
from authserver.core import client_grades
from authserver.core.client_check import ClientCheck
from authserver.core.clients import OWN_CLIENT
from authserver.crypto import signing
from authserver.crypto.signing import SigningKey

NAME = "Examination (authserver conformance)"


@click.command()
@click.option(
    "--ca-file",
    type=click.Path(exists=True),
    help="PEM of the authority that the server's certificate is by.",
)
@json_option
def conformance(*, ca_file: str | None, as_json: bool) -> None:
    """Examine this deployment from outside, and grade it and its clients.

    It must be running: it is asked at APP_URL, by three clients that are made for the
    examination and deleted after it.  Exits with 1 when a MUST is broken.
    """
    chosen = settings()
    fetcher = Fetcher(
        allow_http=True,
        allowed=[urlsplit(chosen.issuer).hostname or ""],
        ca_file=ca_file or chosen.fetch_ca_file or None,
    )
    key = signing.import_pem(signing.generate("ES256"))
    lines = [*documents.LINES, *front_channel.LINES, *back_channel.LINES]
    with clients(key) as made:
        probe = Probe(chosen.issuer, fetcher, Clock(), *made, key)
        outcomes = list(examine(probe, lines))
    found = report.facts(chosen.issuer, outcomes, graded())
    emit(found, as_json=as_json, text=report.text(found))
    sys.exit(any(one.mark is Mark.FAIL for one in outcomes))


@contextmanager
def clients(key: SigningKey) -> Iterator[list[Credentials]]:
    """Make three clients, and delete them whatever happens."""
    mark = secrets.token_hex(6)
    made: dict[str, dict[str, Any]] = {
        f"examination-{mark}-plain": {
            "grant_types": ("authorization_code", "refresh_token", "client_credentials")
        },
        f"examination-{mark}-public": {"auth_method": "none"},
        f"examination-{mark}-strong": {
            "auth_method": "private_key_jwt",
            "grant_types": ("authorization_code", "client_credentials"),
            "jwks": {"keys": [key.public_jwk()]},
            "profile": "fapi2",
        },
    }
    with core() as services:
        told = [
            services.clients.register(
                name=NAME, client_id=client_id, redirect_uris=[REDIRECT_URI], **members
            )[1]
            for client_id, members in made.items()
        ]
    try:
        yield [Credentials(*one) for one in zip(made, told, strict=True)]
    finally:
        with core() as services:
            for client_id in made:
                services.clients.delete(client_id)


def graded() -> list[dict[str, Any]]:
    """Say of each client which profile it could have, and what the next one asks."""
    with core() as services:
        rows = [
            row for row in services.clients.list_all() if row.client_id != OWN_CLIENT
        ]
        return [_graded(row, services.client_check) for row in rows]


def _graded(row: Any, check: ClientCheck) -> dict[str, Any]:
    habits = check.habits_of(row)
    moves = check.moves(row, habits)
    fitting = [move.profile for move in moves if move.fits]
    beyond = next((move for move in moves if not move.fits), None)
    faults = (
        [text for texts in beyond.faults.values() for text in texts] if beyond else []
    )
    return {
        "client_id": row.client_id,
        "name": row.name,
        "profile": row.profile,
        "could_be": fitting[-1] if fitting else row.profile,
        "next": beyond.profile if beyond else None,
        "step": " ".join([*faults, *beyond.seen]) if beyond else None,
        "grades": {
            one.family: one.mark for one in client_grades.grade(row, moves, habits)
        },
    }

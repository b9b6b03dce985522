"""`authserver audit`: is the security log what was written?

Exit status: 0 it is; 1 it is not; 2 a fault.
"""

import sys
from dataclasses import asdict
from typing import Any

import click

from authserver.cli.frame import core, emit, json_option
from authserver.core.audit_check import Verdict
from authserver.core.audit_seal import ChainBroken
from authserver.errors import ConfigError
from authserver.models import db


@click.group()
def audit() -> None:
    """The security log: each line answers for all before it."""


@audit.command()
@click.option(
    "--known",
    metavar="PLACE:LINK",
    help="What an earlier check printed last, and you have kept elsewhere.",
)
@json_option
def verify(*, known: str | None, as_json: bool) -> None:
    """Check every line, and name the first that is not as it was written."""
    with core() as services:
        verdict = services.audit_check.verify(known=read_known(known))
    emit(facts(verdict), as_json=as_json, text=told(verdict))
    sys.exit(1 if verdict.fault else 0)


def read_known(text: str | None) -> tuple[int, str] | None:
    """Read a place and a link.

    Raises:
        ConfigError: It is none.
    """
    if text is None:
        return None
    place, _, link = text.partition(":")
    if not place.isdigit() or not link:
        raise ConfigError("--known: is PLACE:LINK, as `audit verify` prints it.")
    return int(place), link


def facts(verdict: Verdict) -> dict[str, Any]:
    """Give what is shown of a check."""
    return {
        "whole": verdict.fault is None,
        "fault": asdict(verdict.fault) if verdict.fault else None,
        "checked": verdict.checked,
        "waiting": verdict.waiting,
        "first": verdict.first_position,
        "last": verdict.last_position,
        "known": f"{verdict.last_position}:{verdict.last_chain}",
    }


def told(verdict: Verdict) -> str:
    """Say what was found."""
    if fault := verdict.fault:
        where = "" if fault.position is None else f"Line {fault.position} "
        named = "" if fault.id is None else f"(id {fault.id}) "
        return (
            f"{where}{named}{fault.what}.\n"
            f"{verdict.checked} lines before it are as they were written."
        )
    return (
        f"{verdict.checked} lines are as they were written, {verdict.waiting} wait to "
        f"be sealed.\nKeep this elsewhere: --known "
        f"{verdict.last_position}:{verdict.last_chain}"
    )


@audit.command()
@json_option
def seal(*, as_json: bool) -> None:
    """Seal what waits, as a running server does every few seconds."""
    sealed = 0
    try:
        with core() as services:
            while batch := services.audit_seal.seal():
                sealed += batch
                db.session.commit()
    except ChainBroken as fault:
        raise ConfigError(f"{fault}: look with `authserver audit verify`.") from fault
    emit({"sealed": sealed}, as_json=as_json, text=f"Sealed {sealed} lines.")

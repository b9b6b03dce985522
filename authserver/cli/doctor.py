"""`authserver doctor`: look at everything a node needs, and say what is wrong."""

import sys

import click

from authserver.cli import look_around, look_here
from authserver.cli.finding import Finding, Look, ill, well
from authserver.cli.frame import emit, json_option, settings
from authserver.config import Settings
from authserver.errors import ConfigError

LOOKS: tuple[tuple[str, Look], ...] = (
    ("issuer", look_here.issuer),
    ("proxies", look_here.proxies),
    ("disk", look_here.disk),
    ("key-encryption key", look_here.sealing_key),
    ("database", look_around.database),
    ("signing keys", look_around.signing_keys),
    ("mail", look_around.mail),
    ("notices", look_around.notices),
    ("limits", look_around.redis),
    ("clock", look_around.time),
)


@click.command()
@json_option
def doctor(*, as_json: bool) -> None:
    """Look at settings, keys, database, mail and clock; say what is wrong."""
    try:
        chosen = settings()
    except ConfigError as fault:
        found = [one for line in str(fault).splitlines() for one in unset(line)]
    else:
        found = well("settings", "All can be read.") + examine(chosen)
    is_ok = all(one.is_ok for one in found)
    checks = [
        {"what": one.what, "ok": one.is_ok, "said": one.said, "cure": one.cure}
        for one in found
    ]
    lines = "\n".join(line_of(one) for one in found)
    emit({"ok": is_ok, "checks": checks}, as_json=as_json, text=lines)
    sys.exit(0 if is_ok else 1)


def unset(line: str) -> list[Finding]:
    """Make a finding of one fault of the settings; such a line holds no values."""
    name, _, cure = line.partition(": ")
    return ill("settings", f"{name} cannot be used.", f"{name} {cure}")


def examine(chosen: Settings) -> list[Finding]:
    """Look at everything; what breaks while it is looked at is a finding too."""
    found: list[Finding] = []
    for name, look in LOOKS:
        try:
            found += look(chosen)
        except Exception as fault:  # noqa: BLE001 -- a doctor does not faint
            said = f"It could not be looked at ({type(fault).__name__})."
            found += ill(name, said, "Cure what stands above it, then look again.")
    return found


def line_of(one: Finding) -> str:
    """Write a finding on one line."""
    cure = f" {one.cure}" if one.cure else ""
    return f"{'ok   ' if one.is_ok else 'fault'}  {one.what}: {one.said}{cure}"

"""`authserver doctor`: look at everything a node needs, and say what is wrong."""

import sys

import click

from authserver.cli.frame import emit, json_option, settings
from authserver.core.finding import Finding, ill, well
from authserver.errors import ConfigError
from authserver.services import build_doctor


@click.command()
@json_option
def doctor(*, as_json: bool) -> None:
    """Look at settings, keys, database, mail and clock; say what is wrong."""
    try:
        chosen = settings()
    except ConfigError as fault:
        found = [one for line in str(fault).splitlines() for one in unset(line)]
    else:
        examined = build_doctor(chosen).examine()
        found = well("settings", "All can be read.") + examined.findings
    is_ok = all(one.is_ok for one in found)
    checks = [
        {"what": one.what, "ok": one.is_ok, "said": one.words, "cure": one.remedy}
        for one in found
    ]
    lines = "\n".join(line_of(one) for one in found)
    emit({"ok": is_ok, "checks": checks}, as_json=as_json, text=lines)
    sys.exit(0 if is_ok else 1)


def unset(line: str) -> list[Finding]:
    """Make a finding of one fault of the settings; such a line holds no values."""
    name, _, cure = line.partition(": ")
    said = "%(name)s cannot be used."
    return ill("settings", said, "%(name)s %(rule)s", name=name, rule=cure)


def line_of(one: Finding) -> str:
    """Write a finding on one line."""
    cure = f" {one.remedy}" if one.remedy else ""
    return f"{'ok   ' if one.is_ok else 'fault'}  {one.what}: {one.words}{cure}"

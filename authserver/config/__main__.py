"""Print ``.env.example`` (``env``) or ``docs/settings.md`` (``md``) from the table."""

import dataclasses
import inspect
import re
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

from authserver.config.settings import Settings


def groups() -> dict[str, str]:
    """Give the heading under which each setting stands, from the ``# --`` comments."""
    heading, found = "", {}
    for part in reversed(Settings.__mro__[:-1]):
        for line in inspect.getsource(part).splitlines():
            if match := re.match(r"    # -- (.+)", line):
                heading = match[1]
            elif match := re.match(r"    (\w+): .*= setting\(", line):
                found[match[1]] = heading
    return found


def plain(value: Any) -> str:
    """Write a default as the environment would."""
    if isinstance(value, timedelta):
        return str(int(value.total_seconds()))
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, tuple):
        return ",".join(value)
    return "" if value == Path() else str(value)


def env_example() -> str:
    """Give the text of ``.env.example``."""
    lines = ["# Every setting with its default. Printed from authserver/config.", ""]
    heading = ""
    for line in dataclasses.fields(Settings):
        if groups()[line.name] != heading:
            heading = groups()[line.name]
            lines += [f"# == {heading} ==", ""]
        name, *others = line.metadata["env"]
        lines.append(f"# {line.metadata['doc']}")
        if choices := line.metadata.get("choices"):
            lines.append(f"# One of: {', '.join(choices)}")
        if others:
            lines.append(f"# Also read as: {', '.join(others)}")
        default = plain(line.default)
        quoted = f'"{default}"' if re.search(r"[\s#<>;]", default) else default
        lines += [f"# {name}={quoted}", ""]
    return "\n".join(lines)


def settings_page() -> str:
    """Give the text of ``docs/settings.md``."""
    lines = ["# Settings", "", "Printed from `authserver/config`.", ""]
    lines += [
        "A value may also come from a file: set `NAME_FILE` to its path. Spans are "
        "seconds, or `15m`, `2h`, `7d`. All faults are reported at once at the start.",
        "",
    ]
    heading = ""
    for line in dataclasses.fields(Settings):
        if groups()[line.name] != heading:
            heading = groups()[line.name]
            lines += ["", f"## {heading}", "", "| name | default | meaning |"]
            lines += ["|---|---|---|"]
        name, *others = line.metadata["env"]
        doc = line.metadata["doc"].replace("|", "\\|")
        if choices := line.metadata.get("choices"):
            doc += f" One of {', '.join(f'`{c}`' for c in choices)}."
        if others:
            doc += f" Also read as {', '.join(f'`{o}`' for o in others)}."
        if line.metadata.get("secret"):
            doc += " Secret."
        default = plain(line.default)
        lines.append(f"| `{name}` | {f'`{default}`' if default else ''} | {doc} |")
    return "\n".join(lines) + "\n"


def main(words: list[str]) -> int:
    """Print what is asked for: ``env`` or ``md``."""
    texts = {"env": env_example, "md": settings_page}
    if len(words) != 1 or words[0] not in texts:
        sys.stderr.write("usage: python -m authserver.config env|md\n")
        return 2
    sys.stdout.write(texts[words[0]]())
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""Print ``.env.example`` (``env``) or ``docs/settings.md`` (``md``) from the table."""

import dataclasses
import re
import sys

from authserver.config.origins import groups, plain
from authserver.config.settings import Settings


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

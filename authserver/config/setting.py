"""How a setting is declared: its names, its default, and how it is read."""

import dataclasses
from dataclasses import field
from datetime import timedelta
from typing import Any


def setting(
    doc: str, *, env: str, default: Any = dataclasses.MISSING, **facts: Any
) -> Any:
    """Declare a setting.

    Args:
        doc: What it does, with its unit.
        env: Its names, the first one being ours, separated by spaces.
        default: What holds when the environment is silent.
        facts: ``kind`` (how it is read, a reader of environs), ``choices``,
            ``least`` (smallest number), ``secret`` (never printed).
    """
    shown = not facts.get("secret", False)
    table = {"doc": doc, "env": env.split(), **facts}
    return field(default=default, repr=shown, metadata=table)


def seconds(amount: int) -> timedelta:
    """Write a default lifetime the way the documents do."""
    return timedelta(seconds=amount)


DAY = 86400

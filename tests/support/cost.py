"""What an answer costs: runs of the password hash, statements, processor time."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event

from authserver.crypto.password_hash import PasswordHasher
from authserver.models import db

NO_WORK = ("BEGIN", "COMMIT", "ROLLBACK", "PRAGMA")


@dataclass
class Meter:
    """Counts while it is watched."""

    statements: list[str] = field(default_factory=list)
    hashes: int = 0

    def reset(self) -> None:
        self.statements.clear()
        self.hashes = 0

    @property
    def cost(self) -> tuple[int, int]:
        """Runs of the hash, and statements."""
        return self.hashes, len(self.statements)


@contextmanager
def metered(app: Flask, patch: pytest.MonkeyPatch) -> Iterator[Meter]:
    """Count what this application does, on every connection of its own."""
    meter = Meter()

    def note(*arguments: Any) -> None:
        statement = arguments[2]
        if not statement.lstrip().upper().startswith(NO_WORK):
            meter.statements.append(statement)

    for name in ("hash", "verify"):
        _count_runs(meter, patch, name)
    with app.app_context():
        engines = [db.engine, app.extensions["services"].reads.engine]
    for engine in engines:
        event.listen(engine, "before_cursor_execute", note)
    try:
        yield meter
    finally:
        for engine in engines:
            event.remove(engine, "before_cursor_execute", note)


def _count_runs(meter: Meter, patch: pytest.MonkeyPatch, name: str) -> None:
    original = getattr(PasswordHasher, name)

    def counted(*arguments: Any) -> Any:
        meter.hashes += 1
        return original(*arguments)

    patch.setattr(PasswordHasher, name, counted)


def cpu_seconds(work: Callable[[], object]) -> float:
    """Processor time of this thread: what other processes do is not in it."""
    began = time.thread_time()
    work()
    return time.thread_time() - began


def overlap(left: list[float], right: list[float]) -> float:
    """How often one of the left exceeds one of the right; a half is no difference."""
    ranked = sorted([(one, 0) for one in left] + [(one, 1) for one in right])
    wins = below = 0
    for _, side in ranked:
        if side:
            below += 1
        else:
            wins += below
    return wins / (len(left) * len(right))


def described(times: list[float]) -> str:
    """Deciles one, five and nine, in milliseconds."""
    marks = statistics.quantiles(times, n=10)
    return " / ".join(f"{1000 * marks[at]:.2f}" for at in (0, 4, 8))

"""Puzzles of hashes: dear to solve, cheap to check, of no use twice (Hashcash).

A puzzle names how hard it is and until when it counts, and is signed, so that nothing has
to be kept of it.  It is solved in parts, each a number that makes a hash begin with so
many zero bits: many small parts take about as long each time, one large one would not.
"""

import hashlib
import hmac
import re
from datetime import datetime

from authserver.crypto import opaque

PARTS = 8
_PUZZLE = re.compile(
    r"([0-9]{1,2})\.([0-9]{1,12})\.([A-Za-z0-9_-]{22})\.([0-9a-f]{32})"
)
_ANSWER = re.compile(r"([0-9A-Za-z_.-]{1,100}):([0-9]{1,12}(?:,[0-9]{1,12}){7})")
HASH_BITS = 256


def make(bits: int, *, ends_at: datetime, key: bytes) -> str:
    """Give a new puzzle.

    Args:
        bits: Zero bits of each part; one more is twice the work.
        ends_at: Until when it counts.
        key: What it is signed with.
    """
    said = f"{bits}.{int(ends_at.timestamp())}.{opaque.new_secret(16)}"
    return f"{said}.{_signature(said, key)}"


def is_answered(answer: str, *, now: datetime, key: bytes) -> bool:
    """Whether this is a puzzle of ours, in time and solved: eight hashes to see it."""
    parts = _ANSWER.fullmatch(answer)
    found = _PUZZLE.fullmatch(parts[1]) if parts else None
    if parts is None or found is None:
        return False
    said = parts[1].rpartition(".")[0]
    if not opaque.same(found[4], _signature(said, key)):
        return False
    if int(found[2]) < now.timestamp():
        return False
    return _is_solved(parts[1], parts[2].split(","), bits=int(found[1]))


def puzzle_of(answer: str) -> str:
    """Give the puzzle that an answer is about."""
    return answer.partition(":")[0]


def solve(puzzle: str) -> str:
    """Solve a puzzle, as `static/worker.js` does."""
    bits, seed = int(puzzle.partition(".")[0]), _seed(puzzle)
    numbers = []
    for part in range(PARTS):
        number = 0
        while not _is_hit(seed, part, str(number), bits):
            number += 1
        numbers.append(str(number))
    return f"{puzzle}:{','.join(numbers)}"


def _is_solved(puzzle: str, numbers: list[str], *, bits: int) -> bool:
    seed = _seed(puzzle)
    return all(_is_hit(seed, part, one, bits) for part, one in enumerate(numbers))


def _is_hit(seed: str, part: int, number: str, bits: int) -> bool:
    digest = hashlib.sha256(f"{seed}{part}:{number}".encode()).digest()
    return int.from_bytes(digest) >> (HASH_BITS - bits) == 0


def _seed(puzzle: str) -> str:
    """One block of the hash holds it with any number."""
    return hashlib.sha256(puzzle.encode()).hexdigest()[:32]


def _signature(said: str, key: bytes) -> str:
    return hmac.new(key, f"work|{said}".encode(), hashlib.sha256).hexdigest()[:32]

"""The puzzle of a page, and somebody who solves it."""

from __future__ import annotations

from authserver.crypto import work
from tests.support.reader import Reader


def puzzle_on(page: Reader) -> str | None:
    found = (one.get("data-work") for one in page.document.elements)
    return next((puzzle for puzzle in found if puzzle), None)


def do_the_work(page: Reader) -> Reader:
    puzzle = puzzle_on(page)
    assert puzzle is not None
    (field,) = [e for e in page.document.elements if e.get("name") == "work"]
    field.attributes["value"] = work.solve(puzzle)
    return page

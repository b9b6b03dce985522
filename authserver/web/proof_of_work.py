"""Proof of work on pages: a puzzle where it is due, and what came back of it."""

from typing import Any

from flask import request

from authserver.core.proof_of_work import ProofOfWork, Shown
from authserver.http import headers, language
from authserver.http.context import services
from authserver.http.limits import network


def shown() -> Shown:
    """Give what a form has brought."""
    return Shown(request.form.get("work", ""), network())


def of_signup() -> dict[str, Any]:
    """Give what the page of sign-up shows: a puzzle, or that none is due."""
    return {"puzzle": _offered(_work().puzzle_for(network()))}


def after(share: str) -> dict[str, Any]:
    """Give the same for a page whose network may have had its share of something."""
    work, place = _work(), network()
    puzzle = _offered(work.puzzle_after(share, place))
    wait = work.free_in(share, place)
    return {"puzzle": puzzle, "free_in": language.duration(wait) if wait else None}


def require_after(share: str) -> None:
    """Let somebody go on whose network has not had its share, or who has worked.

    Raises:
        ProofOfWorkNeeded: Work is due, and the form has brought none.
    """
    _work().require_after(share, shown())


def count(share: str) -> None:
    """Count one of these for the network of the caller."""
    _work().count(share, network())


def _offered(puzzle: str | None) -> str | None:
    if puzzle:
        headers.allow_worker()
    return puzzle


def _work() -> ProofOfWork:
    return services().signup.work

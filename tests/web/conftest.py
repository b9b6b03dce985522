"""Somebody with an account, and their browsers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from flask import Flask

from authserver.adapters.throttle import Throttle
from authserver.core.proof_of_work import ProofOfWork
from tests.support.reader import Reader
from tests.support.several import ADA, ask, bob, both, shop  # noqa: F401 -- fixtures


@pytest.fixture
def reader(make_reader: Callable[..., Reader]) -> Reader:
    """A browser of its own."""
    return make_reader()


@pytest.fixture
def ada(make_reader: Callable[..., Reader]) -> str:
    """An address with a verified account; nobody is signed in."""
    make_reader().post_box.has_account(ADA, full_name="Ada Lovelace", username="ada")
    return ADA


@pytest.fixture
def at_home(reader: Reader, ada: str) -> Reader:
    """Ada's browser, signed in."""
    assert reader.sign_in(ada).path == "/account"
    return reader


@pytest.fixture
def demand(app: Flask) -> Iterator[Callable[..., ProofOfWork]]:
    """Ask for work, of a few bits, as a setting says."""
    signup = app.extensions["services"].signup
    usual = signup.work

    def demand_it(mode: str, **limits: str) -> ProofOfWork:
        chosen = replace(usual.settings, proof_of_work=mode, proof_of_work_bits=4)
        limiter = Throttle(limits, clock=usual.clock) if limits else usual.limiter
        asking = replace(usual, settings=chosen, limiter=limiter)
        object.__setattr__(signup, "work", asking)
        return asking

    yield demand_it
    object.__setattr__(signup, "work", usual)

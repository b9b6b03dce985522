"""Somebody with an account, and their browsers."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.support.reader import Reader
from tests.support.several import ADA, ask, bob, both, shop  # noqa: F401 -- fixtures


@pytest.fixture
def reader(make_reader: Callable[..., Reader]) -> Reader:
    """A browser of its own."""
    return make_reader()


@pytest.fixture
def ada(make_reader: Callable[..., Reader]) -> str:
    """An address with a verified account; nobody is signed in."""
    make_reader().post_box.sign_up(ADA, full_name="Ada Lovelace", username="ada")
    return ADA


@pytest.fixture
def at_home(reader: Reader, ada: str) -> Reader:
    """Ada's browser, signed in."""
    assert reader.sign_in(ada).path == "/account"
    return reader

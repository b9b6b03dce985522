"""Every screen does what one call of /v1/admin does, for the same people alone."""

from __future__ import annotations

import re

import pytest

from authserver.api import GROUPS
from authserver.console import ROOMS

CALLS = {
    f"{method} {path}": view.contract.who
    for _, _, routes in GROUPS
    for method, path, view in routes
}
SCREENS = [screen for room in ROOMS for screen in room.screens]


@pytest.mark.parametrize("screen", SCREENS, ids=lambda screen: screen.name)
def test_a_screen_needs_what_its_call_needs(screen):
    assert screen.call in CALLS, "no such call of /v1"
    assert screen.needs == CALLS[screen.call]


@pytest.mark.parametrize("screen", SCREENS, ids=lambda screen: screen.name)
def test_what_changes_something_takes_a_form(screen):
    changes = not screen.call.startswith("GET")
    assert screen.posts is changes


def test_the_navigation_leads_to_a_screen_without_a_parameter():
    for room in ROOMS:
        assert not re.search(r"<", room.front.path), room.name


def test_names_are_of_one_room():
    assert len({room.name for room in ROOMS}) == len(ROOMS)
    assert len({screen.name for screen in SCREENS}) == len(SCREENS)

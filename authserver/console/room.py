"""What the console is made of: rooms, and screens in them.

A room is a place in the navigation.  A screen is one address: what it needs, and which
call of ``/v1/admin`` does the same.  The door stands here, before every view: nobody
enters without the permission, and what is dangerous asks for a fresh proof first.
"""

import functools
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from flask import Blueprint, Response, current_app, g

from authserver.console import operators

View = Callable[..., Response]


@dataclass(frozen=True)
class Screen:
    """One address of the console, and who answers it.

    Attributes:
        path: Below ``/console``.
        view: Its name is the name of the route: ``console.list_users``.
        needs: The permission, the very one of the call.
        call: The call that does the same, as the tables of ``/v1`` write it:
            ``POST /admin/users/<uuid:user_id>/lock``.
        posts: Whether it has a form that changes something.
        is_dangerous: Whether it asks for a proof that is not older than ten minutes.
    """

    path: str
    view: View
    needs: str
    call: str
    posts: bool = False
    is_dangerous: bool = False

    @property
    def name(self) -> str:
        """What ``url_for`` calls it."""
        return f"console.{self.view.__name__}"

    @property
    def methods(self) -> list[str]:
        """What it answers."""
        return ["GET", "POST"] if self.posts else ["GET"]


@dataclass(frozen=True)
class Room:
    """Screens about one noun; the first is where the navigation leads.

    Attributes:
        name: The noun, as in the address.
        title: In the navigation.
        screens: Its addresses.
        done: What a page says of the form that led to it, by the word in its URL.
    """

    name: str
    title: Any
    screens: tuple[Screen, ...]
    done: Mapping[str, Any] = field(default_factory=dict)

    @property
    def front(self) -> Screen:
        """Where the navigation leads."""
        return self.screens[0]


def furnish(bp: Blueprint, rooms: tuple[Room, ...]) -> None:
    """Add the screens of all rooms, each behind its door."""
    bp.record(lambda state: state.app.extensions.update(console=rooms))
    for room in rooms:
        for screen in room.screens:
            bp.add_url_rule(
                screen.path,
                screen.view.__name__,
                _behind_a_door(room, screen),
                methods=screen.methods,
            )


def rooms() -> tuple[Room, ...]:
    """Give all rooms, in the order of the navigation."""
    found: tuple[Room, ...] = current_app.extensions["console"]
    return found


def here() -> tuple[Room, Screen] | None:
    """Give the room and screen of this request, once somebody was let in."""
    return g.get("console_screen")


def _behind_a_door(room: Room, screen: Screen) -> View:
    @functools.wraps(screen.view)
    def enter(**where: Any) -> Response:
        operators.require(screen.needs)
        if screen.is_dangerous:
            operators.require_recent()
        g.console_screen = (room, screen)
        return screen.view(**where)

    return enter

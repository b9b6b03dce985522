"""Several people signed in at one browser: who else is here, and who comes forward.

The session cookie holds one session, and whoever it belongs to is who is signed in:
pages know nobody else.  Each further session lies aside in a cookie of its own, with its
own secret and its own life, and is looked at only where somebody is to be chosen.  A
request of a browser with one person pays nothing for it.
"""

import uuid
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from flask import Response, request

from authserver.core.signed_in import SignedIn
from authserver.http import cookies
from authserver.http.context import (
    services,
    session_cookie,
    settings,
    signed_in,
    signed_in_for,
)

PUSHED_OUT = "more people signed in at this browser than it keeps"


@dataclass(frozen=True)
class Aside:
    """A living session that lies aside: in which cookie, its secret, and whose it is."""

    name: str
    cookie: str
    who: SignedIn


def are_aside() -> bool:
    """Whether this browser has cookies of further people; looks nothing up."""
    sent = request.cookies
    return any(name in sent for name in cookies.aside_names(settings()))


def aside(*, client_id: uuid.UUID | None = None) -> list[Aside]:
    """Give the living sessions that lie aside: one of each person, nobody's twice.

    Args:
        client_id: A client whose consents are wanted in the same reads.
    """
    front = signed_in() if are_aside() else None
    seen = {front.user_id} if front else set()
    found = []
    for name in cookies.aside_names(settings()):
        cookie = request.cookies.get(name)
        who = services().sessions.find(cookie, client_id=client_id) if cookie else None
        if cookie and who is not None and who.user_id not in seen:
            seen.add(who.user_id)
            found.append(Aside(name, cookie, who))
    return found


def everybody() -> list[SignedIn]:
    """Give all who are signed in here, whoever is in front first."""
    front = signed_in()
    return [*([front] if front else []), *(one.who for one in aside())]


def fitting(
    client_id: uuid.UUID, is_wanted: Callable[[SignedIn], bool]
) -> SignedIn | None:
    """Give who answers a client: whoever is in front, unless another is wanted."""
    front = signed_in_for(client_id)
    if not are_aside() or (front is not None and is_wanted(front)):
        return front
    others = (one.who for one in aside(client_id=client_id))
    return next((who for who in others if is_wanted(who)), front)


def bring_forward(response: Response, session_id: uuid.UUID) -> bool:
    """Let somebody who is here come forward; whoever was in front lies aside then.

    Gives False for a session that is not here, or has ended.
    """
    front = signed_in()
    if front is not None and front.session_id == session_id:
        return True
    others = aside()
    chosen = next((one for one in others if one.who.session_id == session_id), None)
    if chosen is None:
        return False
    cookies.set_session(
        response, chosen.cookie, settings(), remember=chosen.who.remembered
    )
    kept = [one for one in others if one is not chosen]
    cookie = session_cookie()
    if front is not None and cookie:
        kept.append(Aside(chosen.name, cookie, front))
        _set(response, kept[-1])
    _clear_all_but(response, kept)
    return True


def make_room(response: Response, newcomer: uuid.UUID) -> None:
    """Lay whoever is in front aside, for a person who has just signed in.

    The same person again takes their own place.  Where there is none left, the one who
    signed in longest ago is signed out: a session that nobody can reach must not live.
    """
    front, cookie = signed_in(), session_cookie()
    kept = [one for one in aside() if one.who.user_id != newcomer]
    if front is not None and cookie and front.user_id != newcomer:
        if len(kept) == cookies.MOST_ASIDE:
            oldest = min(kept, key=lambda one: one.who.auth_time)
            kept.remove(oldest)
            end(oldest.who, because=PUSHED_OUT)
        taken = {one.name for one in kept}
        free = next(n for n in cookies.aside_names(settings()) if n not in taken)
        kept.append(Aside(free, cookie, front))
        _set(response, kept[-1])
    _clear_all_but(response, kept)


def take_away(response: Response, leaving: Iterable[SignedIn]) -> None:
    """Take the cookies of people who are signed out, and of sessions that are over."""
    gone = {who.session_id for who in leaving}
    front = signed_in()
    if front is None or front.session_id in gone:
        cookies.clear_session(response, settings())
    stay = [one for one in aside() if one.who.session_id not in gone]
    _clear_all_but(response, stay)


def end(who: SignedIn, *, because: str) -> None:
    """End one of the sessions of this browser, with the tokens that hang on it."""
    services().sessions.revoke(who.session_id, user_id=who.user_id, because=because)


def _set(response: Response, one: Aside) -> None:
    cookies.set_aside(
        response, one.name, one.cookie, settings(), remember=one.who.remembered
    )


def _clear_all_but(response: Response, kept: list[Aside]) -> None:
    """Clear the cookies of whoever is not there any more."""
    names = {one.name for one in kept}
    for name in cookies.aside_names(settings()):
        if name in request.cookies and name not in names:
            cookies.clear_aside(response, name, settings())

"""Signing keys: their states, when each may go on; rotated and taken out."""

from typing import Any

from flask import Response, request, url_for
from flask_babel import gettext, lazy_gettext

from authserver.console import asking, operators, show
from authserver.console.room import Room, Screen
from authserver.crypto import opening
from authserver.errors import NotFound
from authserver.http.context import services, settings

STATES: dict[str, tuple[Any, str]] = {
    "active": (lazy_gettext("Signs"), "good"),
    "next": (lazy_gettext("Signs next"), ""),
    "retired": (lazy_gettext("Retired"), "warn"),
}
"""What a key's state is called, and how it looks; in the order of the list."""

ORDER = tuple(STATES)


def list_keys() -> Response:
    """List them by algorithm, those that sign first."""
    rows = services().keys.list_all()
    rows.sort(key=lambda row: (row.alg, ORDER.index(row.state), row.created_at))
    return show.render(
        "keys",
        title=lazy_gettext("Keys"),
        keys=[_row(row) for row in rows],
        links={"jwks": f"{settings().issuer}/jwks"},
    )


def _row(row: Any) -> dict[str, Any]:
    words, mood = STATES[row.state]
    if row.state == "active" and row.alg in opening.ALGORITHMS:
        words = lazy_gettext("Active")
    ready = services().keys.ready_at(row)
    is_ready = ready is not None and ready <= services().clock.now()
    return {
        "kid": row.kid,
        "alg": row.alg,
        "state": {"words": words, "mood": mood},
        "since": show.moment(row.created_at),
        "signed": show.moment(row.activated_at),
        "retired": show.moment(row.retired_at),
        "ready": show.moment(ready),
        "is_ready": is_ready,
        **_deeds(row, is_ready=is_ready),
    }


def _deeds(row: Any, *, is_ready: bool) -> dict[str, str | None]:
    """What is not ready may be done all the same: a leaked key does not wait."""
    at_once = {} if is_ready else {"now": "true"}

    def to(view: str, **where: str) -> str | None:
        return show.allowed("keys:rotate", f"console.{view}", **where, **at_once)

    return {
        "rotate_url": (to("rotate_keys", alg=row.alg) if row.state == "next" else None),
        "retire_url": (
            to("retire_key", kid=row.kid) if row.state == "retired" else None
        ),
    }


def rotate_keys(alg: str) -> Response:
    """Let the next key sign; ``now`` in the URL does not wait for KEY_OVERLAP."""
    if alg not in {row.alg for row in services().keys.list_all()}:
        raise NotFound(f"no key for {alg[:64]!r}")
    at_once = _is_at_once()
    words = gettext(
        "The next key signs from now on. The one that signs now is retired, and another "
        "is published."
    )
    if at_once:
        words += " " + gettext(
            "Whoever keeps our keys may not know it yet, and refuse its tokens until "
            "they look again."
        )
    question = _question(gettext("Rotate the key"), words, of=alg)

    def act(reason: str | None) -> Response:
        by = operators.current().id
        services().keys.rotate(alg, at_once=at_once, by=by, reason=reason)
        return show.back_to("console.list_keys", "rotated")

    return asking.ask(question, act)


def retire_key(kid: str) -> Response:
    """Take one out; ``now`` in the URL does so although its tokens may live."""
    if kid not in {row.kid for row in services().keys.list_all()}:
        raise NotFound(f"no key {kid[:64]!r}")
    at_once = _is_at_once()
    words = gettext("It is published no more. No token that it signed is alive.")
    if at_once:
        words = gettext(
            "It is published no more. Tokens that it signed may be alive: they are "
            "refused from now on."
        )
    typed = kid if at_once else None
    question = _question(gettext("Take the key out"), words, of=kid, typed=typed)

    def act(reason: str | None) -> Response:
        by = operators.current().id
        services().keys.retire(kid, at_once=at_once, by=by, reason=reason)
        return show.back_to("console.list_keys", "removed")

    return asking.ask(question, act)


def _is_at_once() -> bool:
    return request.args.get("now") == "true"


def _question(
    title: str, words: str, *, of: str, typed: str | None = None
) -> asking.Question:
    return asking.Question(
        title=title,
        words=words,
        submit=title,
        back=url_for("console.list_keys"),
        of=[of],
        wants_reason=True,
        typed=typed,
        is_dangerous=True,
    )


ROOM = Room(
    name="keys",
    title=lazy_gettext("Keys"),
    screens=(
        Screen("/keys", list_keys, "keys:read", "GET /admin/keys"),
        Screen(
            "/keys/rotate/<alg>",
            rotate_keys,
            "keys:rotate",
            "POST /admin/keys/rotate",
            posts=True,
            is_dangerous=True,
        ),
        Screen(
            "/keys/<kid>/retire",
            retire_key,
            "keys:rotate",
            "DELETE /admin/keys/<thumbprint:kid>",
            posts=True,
            is_dangerous=True,
        ),
    ),
    done={
        "rotated": lazy_gettext("The next key signs from now on."),
        "removed": lazy_gettext("The key is published no more."),
    },
)

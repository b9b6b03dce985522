"""The console: what operators do, as pages of the same process, at ``/console``.

Every screen does what one call of ``/v1/admin`` does, by the same method of the core and
with the same permission.  Pages work without JavaScript, keep their filters in the URL,
and answer a form with a redirect.

**A new screen** is a view, a template, and one line of a table:

* a file ``console/<noun>s.py`` with its views and a ``ROOM`` at the end: each ``Screen``
  names its path, its view, the permission it needs, and the call that does the same.
  ``tests/console/test_twins.py`` holds that the permission is that call's; the door in
  ``room.py`` holds it before the view runs.  ``is_dangerous=True`` asks for a fresh proof
  (the page of it leads back); ``posts=True`` lets the address take a form;
* ``templates/console/<noun>s.html``, which extends ``console/layout.html`` and fills
  ``matter``.  It builds on ``ui`` (``macros.html``) and ``my`` (``console/parts.html``):
  ``my.table``, ``my.filters`` with ``my.sought`` and ``my.choose``, ``my.pager``,
  ``my.empty``, ``my.state``, ``my.deed``, ``my.area``;
* a sample for it in ``tests/support/preview_console.py``, which draws it without a server
  (``make screens ARGS="--only console"``), and holds what is true of every page;
* the room in ``ROOMS`` below, in the order of the navigation;
* every sentence in all catalogues: ``python -m tests.support.catalogs``.

**A view** parses, calls one method of the core, and renders:

* ``show.render(template, title=..., trail=..., **facts)`` for a page;
* ``lists.read_filters(Schema(), WORDS)``, ``lists.cursor(...)`` and ``lists.pages(page)``
  for a list;
* ``asking.ask(Question(...), act)`` for whatever changes something: it shows what will
  happen, takes a reason (and a typed word for what cannot be undone), calls ``act`` with
  the reason, and shows again what the core refuses;
* ``show.back_to("console.show_user", "locked", user_id=...)`` when it is done; the words
  for ``locked`` stand in the room's ``done``;
* ``show.allowed(permission, endpoint, ...)`` for a link to what not everybody may: it is
  None for whoever may not, and templates show nothing for None;
* ``operators.current().subject`` for who does it.
"""

from flask import Blueprint, Flask, Response, redirect, request

from authserver.console import (
    brand,
    clients,
    errors,
    flows,
    home,
    institutions,
    keys,
    logs,
    mail,
    operators,
    outbox,
    resources,
    roles,
    sessions,
    show,
    system,
    users,
)
from authserver.console.room import Room, furnish
from authserver.errors import AuthError, PermissionMissing
from authserver.http import csrf, language

PATHS = ("/console",)
ROOMS: tuple[Room, ...] = (
    home.ROOM,
    users.ROOM,
    roles.ROOM,
    institutions.ROOM,
    clients.ROOM,
    resources.ROOM,
    sessions.ROOM,
    logs.ROOM,
    flows.ROOM,
    keys.ROOM,
    outbox.ROOM,
    mail.ROOM,
    brand.ROOM,
    system.ROOM,
)
"""Every room, in the order of the navigation."""

bp = Blueprint("console", __name__, url_prefix="/console")
bp.before_request(language.note)
bp.after_request(language.keep)


@bp.before_request
def refuse_foreign_forms() -> None:
    """Every form of every screen carries the token of its browser."""
    if request.method == "POST":
        csrf.check()


@bp.get("")
def index() -> Response:
    """Lead to the first room that is open to whoever is here."""
    operators.current()
    doors = show.navigation()
    if not doors:
        raise PermissionMissing("no room of the console is open to them")
    return redirect(doors[0]["url"], 303)  # type: ignore[return-value]


furnish(bp, ROOMS)


def render_error(error: AuthError) -> Response:
    """Answer a refusal with a page."""
    return errors.render(error)


def init_app(app: Flask) -> None:
    """Add the console."""
    app.register_blueprint(bp)

"""Every URL belongs to one face, and every name that is linked to exists."""

import re

from tests.house.source import PACKAGE, TEMPLATES, own_files, short

FACES = {"oidc", "api", "web", "console"}
# What belongs to no face: static files, the health of the process and its figures, and
# the mailbox of a development server.
HOUSE = {"static", "healthz", "readyz", "metrics", "devmail"}
NAMED = re.compile(r"(?:url_for|endpoint_url)\(\s*[\"']([\w.]+)[\"']")


def face_of(endpoint):
    """`api.users` and `api-docs.page` are both of the face `api`."""
    return re.split(r"[.-]", endpoint)[0]


def test_every_route_is_in_exactly_one_face(app):
    strays = {
        f"{rule.rule} -> {rule.endpoint}"
        for rule in app.url_map.iter_rules()
        if face_of(rule.endpoint) not in FACES | HOUSE
    }
    assert strays == set()


def test_no_url_is_answered_twice(app):
    seen = {}
    for rule in app.url_map.iter_rules():
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}:
            key = (rule.rule, method, rule.subdomain)
            assert seen.setdefault(key, rule.endpoint) == rule.endpoint, key


def test_a_face_is_written_in_its_own_room(app):
    """The view of a route of `oidc` lies in authserver/oidc, and so on."""
    for rule in app.url_map.iter_rules():
        face = face_of(rule.endpoint)
        module = app.view_functions[rule.endpoint].__module__
        if face in FACES and module.startswith("authserver."):
            assert module.split(".")[1] == face, f"{rule.endpoint} is in {module}"


def test_every_name_that_is_linked_to_exists(app):
    """Faces meet at URLs, never at imports; so the names are strings, held here."""
    missing = {
        f"{short(path)}: {name}"
        for path in own_files()
        if path.is_relative_to(PACKAGE) or path.is_relative_to(TEMPLATES)
        if path.suffix in {".py", ".html", ".txt"}
        for name in NAMED.findall(path.read_text(encoding="utf-8"))
        if not name.startswith(".") and name not in app.view_functions
    }
    assert missing == set()

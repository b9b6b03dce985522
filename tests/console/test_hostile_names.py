"""People may call themselves anything: script, right-to-left marks, 10,000 characters."""

from __future__ import annotations

import uuid
from urllib.parse import quote

import pytest

from authserver.core.audit import EventTag
from authserver.models import Role, User

NAMES = {
    "script": "<script>alert(1)</script>",
    "attribute": '"><img src=x onerror=alert(1)>',
    "template": "{{ 7 * 7 }}{% raw %}%(num)s",
    "right-to-left": "abc\u202egnp.exe\u2066\u200f",
    "long": "W" * 10_000,
    "arabic": "\u0627\u0644\u0633\u0644\u0627\u0645 " * 50,
}


@pytest.fixture(params=NAMES.values(), ids=NAMES.keys())
def named(request, add, db):
    """Somebody whose row an older service has written, by whatever name."""
    user_id = add("odd")
    user = db.session.get(User, uuid.UUID(user_id))
    user.full_name = request.param
    db.session.commit()
    return user_id, request.param


def test_every_page_about_them_stays_whole(enter, named, make_reader):
    user_id, name = named
    make_reader().sign_in("odd@example.test")
    reader = enter("super_admin")
    reader.open("/console/users")
    pages = [
        "/console/users",
        f"/console/users/{user_id}",
        "/console/sessions",
        f"/console/users/together/lock?id={user_id}",
        *(
            f"/console/users/{user_id}/{deed}"
            for deed in "edit lock unlock sign-out delete roles/new".split()
        ),
    ]
    for page in pages:
        reader.open(page)
        assert reader.status == 200, page
        html = reader.answer.text
        assert "<script>alert" not in html
        assert "<img src=x" not in html
        assert "{{ 7" not in html or "{{ 7 * 7 }}" in name
        shown = [e for e in reader.document.root.walk() if name[:60] in e.text]
        assert shown, f"{page} does not name them"
        inmost = [e for e in shown if e.tag in ("bdi", "input", "title", "label")]
        assert inmost or page.endswith("edit"), f"{page}: not set apart (bdi)"


def test_roles_and_institutions_by_any_words(enter, db, services, add):
    row = Role(name="odd", description="<script>alert(1)</script> \u202e")
    row.permissions, row.is_system_role = [], False
    row.created_at = row.updated_at = services.clock.now()
    db.session.add(row)
    by = uuid.UUID(add("maker"))
    place = services.institutions.create("odd", "<script>alert(1)</script>", by=by)
    db.session.commit()
    reader = enter("super_admin")
    for page in (
        "/console/users",
        f"/console/users/{add('bob')}/institutions/new",
        "/console/institutions",
        f"/console/institutions/{place.id}/edit",
        f"/console/institutions/{place.id}/delete",
        f"/console/roles/{row.id}",
        f"/console/roles/{row.id}/edit",
    ):
        reader.open(page)
        assert reader.status == 200, page
        assert "<script>alert" not in reader.answer.text, page
        assert "&lt;script&gt;" in reader.answer.text, page


def test_the_logs_hold_what_anybody_typed(enter, services, db, add):
    """Addresses, browsers, reasons and facts are the words of strangers."""
    evil = "</code><script>alert(1)</script>\u202e" + "W" * 9_000
    services.audit.record_signin(user_id=None, identifier=evil, method="password")
    services.audit.record(
        EventTag.USER_LOCKED, user_id=uuid.UUID(add("bob")), reason=evil, said=evil
    )
    db.session.commit()
    reader = enter("super_admin")
    for page in ("sign-ins", "security"):
        reader.open(f"/console/logs/{page}")
        assert reader.status == 200
        assert "<script>alert" not in reader.answer.text
        assert "&lt;script&gt;" in reader.answer.text


@pytest.mark.parametrize("name", NAMES.values(), ids=NAMES.keys())
def test_what_is_typed_comes_back_whole_and_harmless(enter, add, name):
    bob = add("bob")
    reader = enter("super_admin")
    for page in (
        f"/console/users?q={quote(name[:90])}",
        f"/console/logs/security?event={quote(name[:90])}",
    ):
        reader.open(page)
        assert reader.status in (200, 422), page
        assert "<script>alert" not in reader.answer.text
        assert "<img src=x" not in reader.answer.text
    reader.open(f"/console/users/{bob}/delete")
    reader.fill(reason=name, typed=name).press("confirm-submit")
    assert reader.status == 422
    assert "<script>alert" not in reader.answer.text
    reader.open(f"/console/users/{bob}/edit").fill(full__name=name)
    reader.press("user-submit")
    assert reader.status in (200, 422)
    assert "<script>alert" not in reader.answer.text

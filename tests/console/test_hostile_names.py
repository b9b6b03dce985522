"""People may call themselves anything: script, right-to-left marks, 10,000 characters."""

from __future__ import annotations

import uuid

import pytest

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


def test_every_page_about_them_stays_whole(enter, named):
    user_id, name = named
    reader = enter("super_admin")
    reader.open("/console/users")
    pages = [
        "/console/users",
        f"/console/users/{user_id}",
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


def test_a_role_and_an_institution_by_any_words(enter, db, services, add):
    description = "<b>bold</b> \u202e"
    row = Role(
        name="odd", description=description, permissions=[], is_system_role=False
    )
    row.created_at = row.updated_at = services.clock.now()
    db.session.add(row)
    by = uuid.UUID(add("maker"))
    services.institutions.create("odd", "<script>alert(1)</script>", by=by)
    db.session.commit()
    bob = add("bob")
    reader = enter("super_admin")
    for page in ("/console/users", f"/console/users/{bob}/institutions/new"):
        reader.open(page)
        assert reader.status == 200
        assert "<script>alert" not in reader.answer.text
        assert "&lt;script&gt;" in reader.answer.text

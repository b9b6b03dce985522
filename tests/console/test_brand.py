"""The brand: tried on, chosen, seen on every page and letter; a logo that is a picture."""

from __future__ import annotations

import base64
import io
from collections.abc import Callable
from typing import Any

import pytest
from PIL import Image

from authserver.models import Preference, SecurityEvent
from tests.support.caller import ORIGIN, Caller
from tests.support.reader import Reader

HOSTILE = '"><script>alert(1)</script>'


@pytest.fixture
def root(enter: Callable[..., Reader]) -> Reader:
    return enter("super_admin").open("/console/brand")


def picture(kind: str = "JPEG", size: tuple[int, int] = (900, 300)) -> bytes:
    written = io.BytesIO()
    image = Image.new("RGB", size, (200, 30, 60))
    image.save(written, kind, comment=b"secret comment")
    return written.getvalue()


def send_logo(root: Reader, data: bytes, name: str = "logo.png") -> Any:
    token = root.open("/console/brand").document.get("logo-form")
    field = next(e for e in token.walk() if e.get("name") == "csrf_token")
    return root.client.post(
        "/console/brand/logo",
        data={"csrf_token": field.get("value"), "logo": (io.BytesIO(data), name)},
        base_url=ORIGIN,
    )


def changes(db: Any) -> list[dict[str, Any]]:
    db.session.rollback()
    rows = (
        db.session.query(SecurityEvent)
        .order_by(SecurityEvent.id)
        .filter_by(event="system:brand:changed")
    )
    return [{**row.facts, "reason": row.reason} for row in rows]


def test_what_is_chosen_is_seen_on_every_page_and_letter(
    root, make_reader, services, db
):
    root.fill(name="Notes", colour="#C0FFEE", terms_url="https://notes.example/terms")
    root.fill(support_url="https://notes.example/help", reason="new name")
    root.document.get("welcome-pt-BR").attributes["value"] = "Boas-vindas"
    root.document.get("welcome-en").attributes["value"] = "Welcome <b>in</b>"
    root.press("brand-submit")
    assert "The brand is changed" in root.document.get("done").text
    page = make_reader().open("/signin")
    assert page.document.get("welcome").text == "Welcome <b>in</b>"
    assert ":root{--brand:#c0ffee}" in page.answer.text
    assert "Notes</title>" in page.answer.text
    for address in ("https://notes.example/help", "https://notes.example/terms"):
        assert f'href="{address}"' in page.answer.text
    assert page.open("/signin?ui_locales=pt-BR").text.count("Boas-vindas") == 1
    assert not page.open("/signin?ui_locales=es").has("welcome")
    assert "Notes" in services.specimens.show("verify_email", "en").text
    (event,) = changes(db)
    assert event["reason"] == "new name"
    assert event["changed"] == sorted(
        ["name", "colour", "terms_url", "support_url", "welcome"]
    )


def test_the_other_button_shows_it_and_changes_nothing(root, db):
    root.fill(name="Tried", colour="#ffe000").press("brand-preview")
    assert root.status == 200
    assert "#ffe000 would have 1." in root.document.get("contrast").text
    assert db.session.query(Preference).filter_by(name="brand").count() == 0
    shown = root.document.all("iframe")
    assert all(e.has("sandbox") and e.get("sandbox") == "" for e in shown)
    frames = [e.get("src") for e in shown]
    assert len(frames) == 6
    root.open(frames[0])
    assert "Tried</title>" in root.answer.text
    assert ":root{--brand:#ffe000}" in root.answer.text
    assert "color-scheme:light;" in root.answer.text
    dark = root.open(f"{frames[0]}&colour_dark=%23aabbcc".replace("light", "dark"))
    assert "color-scheme:dark;" in dark.answer.text
    assert dark.answer.text.count("--brand:#aabbcc}") == 2
    policy = root.answer.headers["Content-Security-Policy"]
    assert "frame-ancestors 'self'" in policy
    assert "script-src 'nonce-" in policy
    assert "unsafe" not in policy
    assert root.answer.headers["X-Frame-Options"] == "SAMEORIGIN"
    usual = root.open("/signin").answer.headers
    assert "frame-ancestors 'none'" in usual["Content-Security-Policy"]
    assert usual["X-Frame-Options"] == "DENY"


def test_a_preview_shows_no_script_of_anybody(root):
    for name in ("name", "welcome-en", "colour", "home_url", "support_email"):
        page = root.open(f"/console/brand/preview?{name}={HOSTILE}")
        assert page.status == 200
        assert "<script" not in page.answer.text, name
        assert " autofocus" not in page.answer.text


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", "x" * 61),
        ("colour", "red"),
        ("colour", "#fff;}body{display:none"),
        ("colour_dark", "#12345"),
        ("support_email", "nobody"),
        ("support_email", 'a"@example.org'),
        ("support_url", "http://example.org/"),
        ("home_url", "javascript:alert(1)"),
        ("privacy_url", "https://a@example.org/"),
        ("terms_url", 'https://example.org/" onclick='),
        ("welcome-es", "x" * 201),
    ],
)
def test_what_cannot_be_shown_is_told_beside_its_field(root, db, field, value):
    root.document.get(field).attributes["value"] = value
    assert root.press("brand-submit").status == 422
    place = "welcome-en" if field.startswith("welcome") else field
    assert root.has(f"{place}-error")
    assert db.session.query(Preference).filter_by(name="brand").count() == 0


def test_nobody_overwrites_what_they_have_not_seen(root, enter, db):
    other = enter("super_admin", "second").open("/console/brand")
    root.fill(name="First").press("brand-submit")
    assert other.fill(name="Second").press("brand-submit").status == 412
    assert other.press("brand-submit").has("done")
    assert [one["changed"] for one in changes(db)] == [["name"], ["name"]]


def test_a_logo_is_drawn_anew_and_served_by_us(root, make_reader, db):
    answer = send_logo(root, picture())
    assert answer.status_code == 303
    page = make_reader().open("/signin")
    (src,) = [e.get("src") for e in page.document.all("img")]
    served = page.client.get(src, base_url=ORIGIN)
    assert served.mimetype == "image/png"
    assert b"secret comment" not in served.data
    with Image.open(io.BytesIO(served.data)) as image:
        assert (image.format, image.size) == ("PNG", (512, 171))
    assert "immutable" in served.headers["Cache-Control"]
    assert page.client.get("/logos/nothing.png", base_url=ORIGIN).status_code == 404
    root.open("/console/brand/logo/delete").press("confirm-submit")
    assert page.client.get(src, base_url=ORIGIN).status_code == 404
    assert [one["changed"] for one in changes(db)] == [["logo"], ["logo"]]
    assert root.open("/console/brand/logo/delete").status == 404


SVG = b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>'
BOMB = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\1\0\0\0\1\0\0\x08\6\0\0\0" + b"\0" * 8


@pytest.mark.parametrize("data", [b"", b"GIF89a", SVG, BOMB, picture()[:200]])
def test_what_is_no_picture_is_refused(root, db, data):
    answer = send_logo(root, data)
    assert answer.status_code == 422
    assert "Choose a PNG, JPEG, GIF or WebP picture." in answer.text
    assert db.session.query(Preference).filter_by(name="brand_logo").count() == 0


def test_the_api_does_the_same(app, clock, root, make_reader, db):
    caller = Caller(app, clock)
    token = caller.sign_in("super_admin@example.test")["accessToken"]
    own = {"Authorization": f"Bearer {token}"}
    told = caller.get("/admin/brand", **own)
    tag = told.headers["ETag"]
    assert caller.data(told)["shown"]["name"] == "authserver"
    changed = caller.put("/admin/brand", {"name": "Notes"}, if_match=tag, **own)
    assert caller.data(changed)["chosen"]["name"] == "Notes"
    stale = caller.put("/admin/brand", {"name": "Other"}, if_match=tag, **own)
    assert stale.status_code == 412
    faulty = caller.put("/admin/brand", {"colour": "red"}, **own)
    assert faulty.status_code == 422
    image = base64.b64encode(picture("PNG", (20, 10))).decode()
    done = caller.data(caller.put("/admin/brand/logo", {"image": image}, **own))
    assert done["logo_url"].startswith("/logos/")
    assert [one["scheme"] for one in done["contrast"]] == ["light", "dark"]
    assert caller.put("/admin/brand/logo", {"image": "?"}, **own).status_code == 422
    assert caller.delete("/admin/brand/logo", **own).status_code == 200
    assert "Notes</title>" in make_reader().open("/signin").answer.text


def test_pages_read_the_brand_once_in_some_seconds(services, make_reader, monkeypatch):
    """Not once for each page: nobody waits for a colour."""
    services.brands.forget()
    asked, reads = [], type(services.reads)
    first = reads.first

    def counted(self: Any, statement: Any, *more: Any) -> Any:
        asked.append(str(statement))
        return first(self, statement, *more)

    monkeypatch.setattr(reads, "first", counted)
    client = make_reader().client
    for _ in range(5):
        client.get("/signin", base_url=ORIGIN)
    assert sum("preferences" in one for one in asked) == 1

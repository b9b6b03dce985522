"""The rooms of one's own account: who may enter, profile, address, password."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.support import cost
from tests.support.caller import PASSWORD
from tests.support.reader import Reader

NEW = "Zwölf-Hähne-am-Kai-9"
ROOMS = ("", "/profile", "/security", "/sessions", "/apps", "/activity", "/privacy")
SECRET_ROOMS = (
    "/account/security/totp",
    "/account/security/backup-codes",
    "/account/security/backup-codes.txt",
    "/account/privacy/export",
)
ELSEWHERE = "ada@new.example.test"


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_leads_a_stranger_to_the_sign_in_and_back(reader, ada, room):
    assert reader.open(f"/account{room}").path == "/signin"
    reader.fill(username=ada, password=PASSWORD).press("login-submit")
    assert (reader.path, reader.status) == (f"/account{room}", 200)


def test_a_query_is_kept_on_the_way(reader, ada):
    reader.open("/account/activity?before=9.9").fill(username=ada, password=PASSWORD)
    assert reader.press("login-submit").url.endswith("/account/activity?before=9.9")


@pytest.mark.parametrize(
    "target",
    ["//evil.example/", "/\\evil.example", "https://evil.example/", "\thttps:x", "x"],
)
def test_the_way_back_never_leads_to_another_host(reader, ada, target):
    reader.open("/signin").client.get("/")
    reader.open("/signin?next=" + target.replace("\\", "%5C").replace("\t", "%09"))
    reader.fill(username=ada, password=PASSWORD)
    assert reader.press("login-submit").path == "/account"


@pytest.mark.parametrize("room", ROOMS)
def test_every_room_links_to_every_other(at_home, room):
    at_home.open(f"/account{room}")
    hrefs = {e.get("href") for e in at_home.document.all("a")}
    assert {f"/account{other}" for other in ROOMS} <= hrefs
    assert at_home.has("signout-link")


def test_who_looks_after_an_account_is_not_idle(at_home, app, clock, monkeypatch):
    """The end of the session moves on, in one write every few minutes, not for ever."""
    for _ in range(4):
        clock.advance(hours=20)
        assert at_home.open("/account").path == "/account"
    with cost.metered(app, monkeypatch) as meter:
        assert at_home.open("/account/sessions").status == 200
        assert not [one for one in meter.statements if one.startswith("UPDATE")]
        clock.advance(minutes=6)
        at_home.open("/account/sessions")
        assert sum(one.startswith("UPDATE") for one in meter.statements) == 1
    life = app.extensions["services"].settings.family_ttl
    for _ in range(life // timedelta(hours=20) - 4):
        clock.advance(hours=20)
        at_home.open("/account")
    clock.advance(hours=20)
    assert at_home.open("/account").path == "/signin", "the absolute end"


def test_who_stays_away_is_signed_out(at_home, clock):
    clock.advance(hours=23)
    assert at_home.open("/account").path == "/account"
    clock.advance(days=1, minutes=1)
    assert at_home.open("/account").path == "/signin"


def test_no_room_takes_a_form_of_another_site(at_home, app):
    """Every address that takes a form refuses one without the token."""
    posts = {
        rule.rule
        for rule in app.url_map.iter_rules()
        if "POST" in (rule.methods or ())
        and rule.rule.startswith(("/account", "/reauth", "/forgot", "/reset"))
        and "<" not in rule.rule
    }
    assert len(posts) > 10
    for path in posts:
        answer = at_home.client.post(
            path, data={"csrf_token": "x"}, base_url="https://auth.example.test"
        )
        assert answer.status_code == 400, path
        assert "csrf_failed" in answer.text, path


@pytest.mark.parametrize("path", SECRET_ROOMS)
def test_what_is_sensitive_wants_a_fresh_proof(at_home, clock, path):
    """ASVS 7.5.3: ten minutes after the sign-in the password is asked for again."""
    clock.advance(minutes=11)
    assert at_home.open(path).path == "/reauth"
    at_home.fill(password="wrong").press("reauth-submit")
    assert (at_home.status, at_home.path) == (401, "/reauth")
    assert "That password is not right." in at_home.text
    at_home.press("reauth-submit")
    assert at_home.status == 422
    at_home.fill(password=PASSWORD).press("reauth-submit")
    assert at_home.path.startswith("/account/")


def test_the_profile(at_home):
    at_home.open("/account/profile").fill(
        full__name="Augusta Ada King",
        username="countess",
        phone="+55 11 99999-9999",
        timezone="Europe/London",
    )
    at_home.choose("language", "pt-BR").press("profile-submit")
    assert at_home.path == "/account/profile"
    assert at_home.document.get("full-name").get("value") == "Augusta Ada King"
    assert at_home.document.get("phone").get("value") == "+5511999999999"
    # The page speaks the language that was chosen.
    assert at_home.document.all("html")[0].get("lang") == "pt-BR"


def test_faults_of_the_profile_come_at_once_and_change_nothing(at_home, make_reader):
    other = make_reader()
    other.post_box.sign_up("bob@example.test", full_name="Bob", username="bob")
    at_home.open("/account/profile")
    at_home.fill(username="!", phone="12", timezone="Mars/Olympus")
    at_home.press("profile-submit")
    assert at_home.status == 422
    assert {"username-error", "phone-error", "timezone-error"} <= {
        e.get("id") for e in at_home.document.elements
    }
    assert at_home.document.get("username").get("value") == "!", "what was typed stays"
    at_home.open("/account/profile").fill(username="bob").press("profile-submit")
    assert (at_home.status, at_home.has("username-error")) == (409, True)
    at_home.open("/account/profile")
    assert at_home.document.get("username").get("value") == "ada"


def ask_for_another_address(reader: Reader, address: str = ELSEWHERE) -> None:
    reader.open("/account/profile").fill(new__email=address).press("email-submit")
    assert reader.path == "/account/profile/code"


def test_another_address_by_code(at_home, ada):
    ask_for_another_address(at_home)
    assert at_home.open("/account/profile").has("email-code")
    at_home.link("email-code").fill(code="000000").press("verify-submit")
    assert (at_home.status, at_home.has("code-error")) == (400, True)
    at_home.fill(code=at_home.code(ELSEWHERE, "email_change_confirm"))
    at_home.press("verify-submit")
    assert at_home.path == "/account/profile"
    assert "Your email address was changed" in at_home.text
    assert ELSEWHERE in at_home.text
    assert at_home.letters(ada)[-1] == "email_change_notice"
    assert at_home.open("/account/profile/code").path == "/account/profile"


def test_a_taken_address_shows_nothing(at_home, make_reader):
    """C12: the page is the same, and the owner of the address gets a letter."""
    make_reader().post_box.sign_up("bob@example.test", full_name="Bob")
    ask_for_another_address(at_home, "bob@example.test")
    assert at_home.heading == "Check your mail"
    assert at_home.letters("bob@example.test")[-1] == "account_exists"


def test_another_code_for_the_address(at_home, clock):
    ask_for_another_address(at_home)
    at_home.press("verify-resend")
    assert len(at_home.letters(ELSEWHERE)) == 1, "too early"
    clock.advance(seconds=31)
    at_home.press("verify-resend")
    assert len(at_home.letters(ELSEWHERE)) == 2
    at_home.fill(code=at_home.code(ELSEWHERE)).press("verify-submit")
    assert at_home.path == "/account/profile"


def test_no_other_address_without_a_fresh_proof(at_home, clock):
    at_home.open("/account/profile")
    clock.advance(minutes=11)
    at_home.fill(new__email=ELSEWHERE).press("email-submit")
    assert at_home.path == "/reauth"
    assert at_home.letters(ELSEWHERE) == []
    at_home.fill(password=PASSWORD).press("reauth-submit")
    assert at_home.path == "/account/profile"


def test_another_password(at_home, make_reader, ada):
    elsewhere = make_reader()
    assert elsewhere.sign_in(ada).path == "/account"
    at_home.open("/account/security").link("password-change")
    at_home.fill(current__password="wrong", password=NEW).press("password-submit")
    assert (at_home.status, at_home.has("current-password-error")) == (401, True)
    at_home.fill(current__password=PASSWORD, password="short").press("password-submit")
    assert (at_home.status, at_home.has("password-error")) == (422, True)
    at_home.fill(current__password=PASSWORD, password=NEW).press("password-submit")
    assert at_home.path == "/account/security"
    assert "Your password is changed" in at_home.text
    assert elsewhere.open("/account").path == "/signin", "everybody else is out"
    assert at_home.open("/account").path == "/account"
    assert elsewhere.sign_in(ada, NEW).path == "/account"


def test_no_password_is_ever_put_back_into_a_page(at_home):
    at_home.open("/account/password")
    at_home.fill(current__password="My-Old-Secret-1!", password="My-New").press(
        "password-submit"
    )
    assert "My-Old-Secret" not in at_home.answer.text
    assert "My-New" not in at_home.answer.text

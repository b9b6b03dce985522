"""The second step by pages: set up, backup codes, turned off (C14, C15)."""

from __future__ import annotations

import pyotp
import pytest

from authserver.adapters import qr
from tests.support.caller import PASSWORD
from tests.support.reader import Reader


@pytest.fixture
def app_of_ada(at_home: Reader) -> pyotp.TOTP:
    """Ada's authenticator; the second step is on, and her codes are on the page."""
    at_home.open("/account/security").link("totp-add")
    secret = at_home.document.get("totp-secret").get("data-text")
    totp = pyotp.TOTP(secret)
    at_home.fill(code=totp.at(at_home.clock.now())).press("totp-submit")
    assert at_home.has("backup-codes")
    return totp


def codes_on(page: Reader) -> list[str]:
    return [e.text for e in page.document.get("backup-codes").walk() if e.tag == "li"]


def otpauth_of(page: Reader) -> str:
    links = [e.get("href") for e in page.document.all("a")]
    return next(link for link in links if link.startswith("otpauth://totp/"))


def test_it_is_set_up_with_a_first_code(at_home, ada):
    at_home.open("/account/security/totp")
    secret = at_home.document.get("totp-secret").get("data-text")
    drawn = next(e for e in at_home.document.all("path") if len(e.get("d")) > 999)
    assert drawn.parent is not None
    assert drawn.get("d") == qr.draw(otpauth_of(at_home)).path
    assert secret in otpauth_of(at_home)
    at_home.open("/account/security/totp")
    assert at_home.document.get("totp-secret").get("data-text") == secret, "a reload"
    at_home.fill(code="000000").press("totp-submit")
    assert (at_home.status, at_home.has("code-error")) == (400, True)
    assert at_home.press("totp-submit").status == 422
    at_home.fill(code=pyotp.TOTP(secret).at(at_home.clock.now())).press("totp-submit")
    assert at_home.path == "/account/security/backup-codes"
    assert len(codes_on(at_home)) == 10
    assert at_home.letters(ada)[-1] == "mfa_changed"
    assert at_home.open("/account/security/totp").path == "/account/security"


def test_then_it_is_asked_for(app_of_ada, make_reader, ada, clock):
    phone = make_reader()
    phone.open("/account/privacy").fill(username=ada, password=PASSWORD)
    assert phone.press("login-submit").path == "/mfa"
    clock.advance(seconds=30)
    phone.fill(code=app_of_ada.at(clock.now())).press("mfa-submit")
    assert phone.path == "/account/privacy"


def test_backup_codes_are_shown_downloaded_and_said_to_be_safe(at_home, app_of_ada):
    codes = codes_on(at_home)
    at_home.press("backup-submit")
    assert (at_home.status, at_home.has("saved-error")) == (422, True)
    assert codes_on(at_home) == codes
    page, url = at_home.document, at_home.url
    at_home.link("backup-download")
    assert at_home.answer.mimetype == "text/plain"
    assert "attachment" in at_home.answer.headers["Content-Disposition"]
    assert at_home.answer.text.split() == codes
    at_home.document, at_home.url = page, url
    assert at_home.tick("saved").press("backup-submit").path == "/account/security"
    assert "10 codes left" in at_home.text
    assert codes_on(at_home.link("backup-view")) == codes


def test_new_codes_end_the_old_ones(at_home, app_of_ada, make_reader, ada):
    old = codes_on(at_home)
    at_home.open("/account/security").link("backup-new")
    assert codes_on(at_home.press("confirm-submit")) != old
    phone = make_reader()
    phone.sign_in(ada)
    phone.link("mfa-backup_code").fill(code=old[0]).press("mfa-submit")
    assert phone.status == 400
    phone.fill(code=codes_on(at_home)[0]).press("mfa-submit")
    assert phone.path == "/account"
    assert "9 codes left" in phone.open("/account/security").text


REMOVE = "/account/security/totp/remove"


def test_it_is_turned_off_with_a_proof_there_and_then(at_home, app_of_ada, ada):
    at_home.open("/account/security").press_in(REMOVE)
    assert (at_home.path, at_home.heading) == (REMOVE, "Confirm that it is you")
    at_home.fill(password="wrong").press("reauth-submit")
    assert at_home.status == 401
    assert at_home.press("reauth-submit").status == 422
    at_home.fill(password=PASSWORD).press("reauth-submit")
    assert at_home.path == "/account/security"
    assert "The authenticator app was removed." in at_home.text
    assert at_home.letters(ada)[-1] == "mfa_changed"
    assert at_home.open(REMOVE).path == "/account/security"


def test_it_is_turned_off_by_a_code_as_well(at_home, app_of_ada, clock):
    at_home.open(f"{REMOVE}?method=totp").fill(code="000000").press("reauth-submit")
    assert (at_home.status, at_home.has("code-error")) == (400, True)
    clock.advance(seconds=30)
    at_home.fill(code=app_of_ada.at(clock.now())).press("reauth-submit")
    assert at_home.path == "/account/security"
    assert at_home.has("totp-add")


def test_a_stolen_session_cannot_turn_it_off(at_home, app_of_ada, clock):
    """C14: old, it is asked for a proof; fresh, for another one with the form."""
    clock.advance(minutes=11)
    at_home.open(REMOVE).fill(password=PASSWORD).press("reauth-submit")
    assert at_home.path == "/reauth"
    assert not at_home.open("/account/security").has("totp-add")


def test_sudo_by_a_code(at_home, app_of_ada, clock):
    clock.advance(minutes=11)
    at_home.open("/account/security/backup-codes")
    at_home.open(at_home.url + "&method=totp")
    at_home.fill(code=app_of_ada.at(clock.now())).press("reauth-submit")
    assert at_home.path == "/account/security/backup-codes"


def test_who_has_neither_password_nor_app_signs_in_anew(reader, ada, app, clock):
    from authserver.models import User, db

    reader.open("/magic-link").fill(email=ada).press("magic-link-submit")
    reader.fill(code=reader.code(ada, "magic_link")).press("magic-code-submit")
    with app.app_context():
        db.session.query(User).filter_by(email=ada).one().password_hash = None
        db.session.commit()
    clock.advance(minutes=11)
    reader.open("/account/security/totp")
    assert (reader.path, reader.has("magic-link")) == ("/signin", True)
    reader.link("magic-link").fill(email=ada).press("magic-link-submit")
    reader.fill(code=reader.code(ada, "magic_link")).press("magic-code-submit")
    assert reader.path == "/account/security/totp"


@pytest.fixture
def phone(app_of_ada, make_reader, ada, clock):
    """Ada's phone, trusted at its first sign-in, and signed out again."""
    phone = make_reader()
    phone.open("/account/privacy").fill(username=ada, password=PASSWORD)
    assert phone.press("login-submit").path == "/mfa"
    clock.advance(seconds=30)
    phone.fill(code=app_of_ada.at(clock.now())).tick("trust").press("mfa-submit")
    assert phone.path == "/account/privacy"
    return sign_out(phone)


def sign_out(reader):
    return reader.open("/logout").press("logout-confirm")


def asks(reader, ada):
    """Sign in by password: is the second factor asked for?"""
    reader.open("/account/privacy").fill(username=ada, password=PASSWORD)
    reader.press("login-submit")
    return reader.path == "/mfa"


def test_a_trusted_device_is_not_asked_again_for_thirty_days(phone, ada, clock):
    clock.advance(days=29)
    assert not asks(phone, ada)
    sign_out(phone)
    clock.advance(days=2)
    assert asks(phone, ada)


def test_trust_is_of_one_browser(phone, make_reader, ada):
    assert asks(make_reader(), ada)


def test_a_shortened_sign_in_is_told_as_what_it_was(phone, ada, services):
    """OIDC Core §2: `acr` and `amr` say what was proved, not what was forgiven."""
    assert not asks(phone, ada)
    user = services.users.find_by_identifier(ada)
    latest = services.sessions.list_active(user.id)[0]
    assert (latest.amr, latest.acr) == (["pwd"], "1")


def test_no_device_is_trusted_without_a_second_factor(app_of_ada, make_reader, ada):
    tablet = make_reader()
    tablet.open("/account/privacy").fill(username=ada, password=PASSWORD)
    tablet.press("login-submit")
    tablet.fill(code="000000").tick("trust").press("mfa-submit")
    assert tablet.path == "/mfa"
    assert asks(tablet, ada)


def test_a_trusted_device_is_listed_and_taken_off(phone, at_home, ada, services):
    [trusted] = trusted_by(ada, services)
    at_home.open("/account/security")
    at_home.press_in(f"/account/security/devices/{trusted.id}/remove")
    assert at_home.path == "/account/security"
    assert not at_home.has("trusted")
    assert asks(phone, ada)


def test_nobody_takes_off_a_device_of_somebody_else(phone, make_reader, services, ada):
    [trusted] = trusted_by(ada, services)
    bob = make_reader(ip="198.51.100.9")
    bob.post_box.sign_up("bob@example.test")
    bob.sign_in("bob@example.test").open("/account/profile")
    bob.send(f"/account/security/devices/{trusted.id}/remove")
    assert bob.status == 404
    assert not asks(phone, ada)


def test_signing_out_everywhere_ends_all_trust(phone, at_home, ada):
    at_home.open("/account/profile").send("/account/sessions/end-others")
    assert asks(phone, ada)


def test_turning_the_second_step_off_ends_all_trust(phone, at_home, services, ada):
    at_home.open("/account/security/totp/remove").fill(password=PASSWORD)
    at_home.press("reauth-submit")
    assert trusted_by(ada, services) == []


def trusted_by(ada, services):
    user = services.users.find_by_identifier(ada)
    return services.signin.trusted_devices.list_of(user.id)

"""The pages of a forgotten password (C11, C12)."""

from tests.support.caller import PASSWORD

NEW = "Zwölf-Hähne-am-Kai-9"


def test_from_the_sign_in_page_to_another_password(reader, ada):
    reader.open("/signin").open("/forgot").fill(email=ada).press("forgot-submit")
    assert (reader.status, reader.heading) == (200, "Check your mail")
    assert "a•••@example.test" in reader.text
    link = reader.link_in(ada, "reset_password")
    reader.open(link).fill(password=NEW).press("reset-submit")
    assert (reader.path, reader.heading) == ("/reset", "Your password is changed")
    assert reader.link("reset-signin").path == "/signin"
    assert reader.sign_in(ada, NEW).path == "/account"


def test_the_sign_in_page_links_to_it(reader):
    hrefs = {e.get("href") for e in reader.open("/signin").document.root.walk()}
    assert {"/forgot", "/magic-link"} <= hrefs


def test_nobody_learns_who_has_an_account(reader, ada):
    """C12: page and address in the URL are the same but for what was typed."""
    pages = []
    for address in (ada, "adb@example.test"):
        reader.open("/forgot").fill(email=address).press("forgot-submit")
        nonce = reader.answer.headers["Content-Security-Policy"].split("'")[3][6:]
        trace = reader.answer.headers.get("X-Request-Id", "-")
        page = reader.answer.text.replace(nonce, "NONCE").replace(trace, "TRACE")
        pages.append((reader.status, reader.url, page))
    assert pages[0] == pages[1]
    assert "reset_password" not in reader.letters("adb@example.test")


def test_a_link_that_is_looked_at_is_not_spent(reader, make_reader, ada):
    reader.open("/forgot").fill(email=ada).press("forgot-submit")
    link = reader.link_in(ada, "reset_password")
    for _ in range(3):
        assert make_reader().open(link).status == 200
    assert reader.client.head(link, base_url="https://auth.example.test").status_code
    assert reader.open(link).fill(password=NEW).press("reset-submit").status == 200


def test_a_weak_password_leaves_the_link_good(reader, ada):
    reader.open("/forgot").fill(email=ada).press("forgot-submit")
    reader.open(reader.link_in(ada)).fill(password="short").press("reset-submit")
    assert reader.status == 422
    assert reader.has("password-error")
    assert "short" not in reader.answer.text.replace("too short", "")
    assert reader.press("reset-submit").status == 422  # empty
    assert reader.fill(password=NEW).press("reset-submit").status == 200


def test_a_spent_link_offers_another(reader, ada):
    reader.open("/forgot").fill(email=ada).press("forgot-submit")
    link = reader.link_in(ada, "reset_password")
    reader.open(link).fill(password=NEW)
    page, url = reader.document, reader.url
    reader.press("reset-submit")
    reader.document, reader.url = page, url
    reader.fill(password=PASSWORD).press("reset-submit")
    assert (reader.status, reader.heading) == (410, "This link does not work any more")
    assert reader.open(link).status == 410
    assert reader.link("reset-again").path == "/forgot"
    assert reader.open("/reset?token=nonsense").status == 410


def test_what_is_no_address_is_said_beside_the_field(reader):
    assert (
        reader.open("/forgot").fill(email="ada@").press("forgot-submit").status == 422
    )
    assert reader.has("email-error")
    assert reader.open("/forgot").press("forgot-submit").status == 422
    assert "Enter your email address." in reader.text


def test_the_page_repeats_no_words_of_a_stranger(reader):
    reader.open("/forgot?sent=Call+0800+now")
    assert "0800" not in reader.text
    assert reader.has("forgot-submit")

"""What holds of every page and letter, whoever renders it: looked at as text.

The samples are those of the previews; a template without a sample fails here.
"""

from html.parser import HTMLParser

import pytest
from babel.support import NullTranslations
from PIL import Image

from tests.support import preview, preview_album, preview_samples

ROOT = preview.ROOT / "templates"
FRAMES = {
    "layout.html",
    "account_layout.html",
    "console/layout.html",
    "console/log_filters.html",
    "console/system_tabs.html",
    "console/parts.html",
    "macros.html",
    "web/_asked.html",
    "web/_scopes.html",
    "api/reference.html",
    "oidc/check_session.html",
}
FRAMES |= {f"mail/{part}.{kind}" for part in ("letter", "parts") for kind in ("html",)}
MOST_BYTES = 8_000_000
"""Of all pictures: a clone is to stay light."""
ONE_SCRIPT = "oidc/form_post.html"

SAMPLES = {
    sample.name: sample
    for sample in preview_samples.samples(NullTranslations().gettext)
}
PAGES = [name for name in SAMPLES if not name.startswith("mail/")]
LETTERS = [name for name in SAMPLES if name.startswith("mail/")]


class Reader(HTMLParser):
    """Collects the elements of a page: (tag, attributes), and the text of the title."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.title, self._in_title = "", False
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        # The first one is the page's; a picture's parts have titles too.
        self._in_title = tag == "title" and not self.title

    def handle_endtag(self, tag):
        self._in_title = False

    def handle_data(self, data):
        if self._in_title:
            self.title += data

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [facts for name, facts in self.elements if name == tag]

    @property
    def ids(self) -> list[str]:
        return [facts["id"] for _, facts in self.elements if facts.get("id")]


def read(name: str, lang: str = "en") -> Reader:
    """Render a sample and read it."""
    return Reader(preview.render(preview.environment(lang), SAMPLES[name], lang=lang))


def test_every_template_has_a_sample():
    shown = {sample.template for sample in SAMPLES.values()}
    there = {str(path.relative_to(ROOT)) for path in ROOT.rglob("*.html")}
    assert there - shown - FRAMES == set()


@pytest.mark.parametrize("lang", ["en", "ar"])
@pytest.mark.parametrize("name", PAGES)
def test_a_page_has_its_landmarks(name, lang):
    page = read(name, lang)
    assert len(page.all("h1")) == 1
    assert len(page.all("main")) == 1
    assert page.all("html")[0]["lang"]
    assert page.all("html")[0]["dir"] in ("ltr", "rtl")
    assert page.title.endswith(" \N{EN DASH} Northwind ID")
    assert len(page.ids) == len(set(page.ids)), "an id twice"


@pytest.mark.parametrize("name", PAGES)
def test_a_page_keeps_the_content_security_policy(name):
    """No inline style, no handler, no script or style without the nonce."""
    page = read(name)
    for tag, facts in page.elements:
        assert "style" not in facts, tag
        assert not [key for key in facts if key.startswith("on")], tag
        if tag in ("script", "style"):
            assert facts.get("nonce") == preview.NONCE
        if tag == "script":
            assert "src" in facts or SAMPLES[name].template == ONE_SCRIPT
        if tag == "link" and facts["rel"] == "stylesheet":
            assert facts.get("nonce") == preview.NONCE
        assert not (facts.get("src") or "").startswith("http"), "a request elsewhere"


@pytest.mark.parametrize("name", PAGES)
def test_every_field_has_a_label_and_what_describes_it(name):
    page = read(name)
    labelled = {facts.get("for") for facts in page.all("label")}
    for tag, facts in page.elements:
        if tag in ("input", "select", "textarea") and facts.get("type") != "hidden":
            if "hidden" in facts:
                continue  # the account's name, for password managers
            assert facts.get("id") in labelled, facts
        for id_ in (facts.get("aria-describedby") or "").split():
            assert id_ in page.ids, f"{id_} describes, and is not there"


@pytest.mark.parametrize("name", PAGES)
def test_every_form_that_changes_something_has_its_token(name):
    html = preview.render(preview.environment("en"), SAMPLES[name], lang="en")
    forms = html.split("<form")[1:]
    for form in forms:
        head, body = form.split(">", 1)
        if 'method="post"' in head and "form-post" not in head:
            assert 'name="csrf_token"' in body.split("</form>")[0], head


def test_a_refused_form_says_so_first_and_keeps_what_was_typed():
    page = read("signup-wrong")
    assert page.title.startswith("Error: ")
    summary = next(f for t, f in page.elements if f.get("id") == "error-summary")
    assert (summary["role"], summary["tabindex"]) == ("alert", "-1")
    fields = {facts.get("name"): facts for facts in page.all("input")}
    assert fields["full_name"]["value"] == "Ada Lovelace"
    assert fields["email"]["value"] == "ada@"
    assert fields["email"]["aria-invalid"] == "true"
    assert "email-error" in fields["email"]["aria-describedby"]
    links = [facts["href"] for facts in page.all("a") if facts.get("href")]
    assert {"#email", "#password"} <= set(links)


def test_a_password_is_never_written_back():
    sample = SAMPLES["signin"]
    typed = preview_samples.form({"identifier": "ada", "password": "hunter2"})
    shown = type(sample)("signin", sample.template, {"form": typed})
    html = preview.render(preview.environment("en"), shown, lang="en")
    assert "hunter2" not in html


def test_what_an_app_calls_itself_stays_text():
    sample = SAMPLES["consent"]
    name = "<script>x</script> %(host)s {{ 7 }}"
    facts = sample.facts | {"client": {"name": name, "host": "notes.example.org"}}
    page = Reader(
        preview.render(
            preview.environment("en"),
            type(sample)("consent", sample.template, facts),
            lang="en",
        )
    )
    assert all("src" in facts for facts in page.all("script"))
    assert name in page.title


@pytest.mark.parametrize(
    ("name", "ids"),
    [
        ("signup", "email password signup-submit"),
        ("check-mail", "code verify-submit verify-resend"),
        ("verify-link", "verify-link-confirm"),
        ("signin", "username password login-submit"),
        ("consent", "consent-allow consent-deny"),
        ("logout", "logout-confirm"),
        ("device", "user-code device-submit"),
        ("device-confirm", "user-code-shown device-warning device-allow device-deny"),
        ("requests", "binding-message-1 request-allow-1 request-deny-2"),
        ("error", "error error-code trace-id"),
        ("form-post", "form-post"),
    ],
)
def test_the_ids_that_others_rely_on(name, ids):
    assert set(ids.split()) <= set(read(name).ids)


def test_changing_the_language_keeps_the_query():
    sample = SAMPLES["signin"]
    html = preview.render(preview.environment("en"), sample, lang="en")
    picker = next(f for f in html.split("<form") if 'name="ui_locales"' in f)
    assert 'method="get"' in picker
    assert 'name="interaction" value="8Zq"' in picker


@pytest.mark.parametrize("lang", list(preview.LANGUAGES))
@pytest.mark.parametrize("name", LETTERS)
def test_a_letter_says_the_same_in_both_twins(name, lang):
    jinja, sample = preview.environment(lang), SAMPLES[name]
    subject, text = preview.text_twin(jinja, sample, lang=lang)
    html = preview.render(jinja, sample, lang=lang)
    assert Reader(html).title == subject
    assert "\n" not in subject
    assert "\n\n\n" not in text
    assert "<" not in text
    for fact, value in sample.facts.items():
        if fact == "code":
            assert value in text.splitlines(), "the code stands alone on its line"
        if fact == "code" or fact.endswith("link"):
            assert value in html
            assert value in text


def test_a_letter_to_an_unproved_address_carries_no_words_of_a_stranger():
    jinja, sample = preview.environment("en"), SAMPLES["mail/verify_email"]
    facts = sample.facts | {"name": "Win money at evil.example"}
    spam = type(sample)(sample.name, sample.template, facts)
    assert "evil.example" not in preview.render(jinja, spam, lang="en")
    assert "evil.example" not in preview.text_twin(jinja, spam, lang="en")[1]


def test_the_pictures_in_the_documents_are_those_that_are_taken():
    """Run `make screens` after a change of what there is to see."""
    wanted = {shot.name: shot.width for shot in preview_album.shots()}
    kept = {file.name: file for file in preview_album.ALBUM.glob("*.png")}
    assert kept.keys() == wanted.keys()
    for name, file in kept.items():
        with Image.open(file) as picture:
            assert (picture.width, picture.mode) == (wanted[name], "P"), name
    assert sum(file.stat().st_size for file in kept.values()) < MOST_BYTES

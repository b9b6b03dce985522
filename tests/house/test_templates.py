"""Templates hold no script, no style and no unescaped text (CSP; OWASP XSS)."""

import re

import pytest

from tests.house.source import TEMPLATES, short

PAGES = sorted(
    path for path in TEMPLATES.rglob("*.html") if "mail" not in path.parent.parts[-2:]
)


@pytest.mark.parametrize("path", PAGES, ids=short)
def test_no_inline_script_or_style(path):
    text = path.read_text(encoding="utf-8")
    assert not re.search(r"\sstyle\s*=", text), "the sheet is the place"
    assert not re.search(r"\son[a-z]+\s*=", text), "no event attributes"
    assert "javascript:" not in text.lower()
    for tag in re.findall(r"<(?:script|style)\b[^>]*>", text):
        assert 'nonce="{{ csp_nonce }}"' in tag, tag


@pytest.mark.parametrize("path", sorted(TEMPLATES.rglob("*.*")), ids=short)
def test_nothing_is_marked_safe(path):
    text = path.read_text(encoding="utf-8")
    assert not re.search(r"\|\s*safe\b|autoescape\s+false|Markup\(", text)


@pytest.mark.parametrize("path", PAGES, ids=short)
def test_every_form_that_posts_holds_the_token(path):
    text = path.read_text(encoding="utf-8")
    for form in re.findall(r"<form\b.*?</form>", text, re.DOTALL | re.IGNORECASE):
        if (
            re.search(r"method=[\"']post", form, re.IGNORECASE)
            and 'id="form-post"' not in form
        ):
            assert "csrf" in form, form[:120]


@pytest.mark.parametrize("path", PAGES, ids=short)
def test_links_that_open_elsewhere_give_nothing_away(path):
    for link in re.findall(r"<a\b[^>]*target=[^>]*>", path.read_text(encoding="utf-8")):
        assert "noopener" in link, link
